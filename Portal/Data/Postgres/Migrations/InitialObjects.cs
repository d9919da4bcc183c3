using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Data.Postgres.Migrations
{
    public partial class Initial
    {
        /// <summary>Creates the functions of <see cref="DatabaseText"/> and the hash of audit entries, with the results that SQLite gives.</summary>
        private static void CreateFunctions(MigrationBuilder migrationBuilder)
        {
            // In a pattern, no character but '[' comes after '[' without ']' after it, so "[!" is free to stand for "[*]" meanwhile.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION portal_matches(form text, value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
                    value LIKE regexp_replace(
                        replace(replace(replace(regexp_replace(form, '([\\%_])', '\\\1', 'g'), '[*]', '[!'), '*', '%'), '[!', '*'), '\[([[?])\]', '\1', 'g');
                """);
            // .NET changes each character alone, and none into several. ICU would change the Greek letters with a iota subscript into two, so they are listed.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION portal_upper(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
                    CASE WHEN octet_length(value) = length(value) THEN upper(value COLLATE "C") ELSE (
                        SELECT string_agg(CASE WHEN length(raised) = 1 AND letter <> 'ı' THEN raised ELSE letter END, '' ORDER BY place)
                        FROM (SELECT letter, place, upper(letter COLLATE "und-x-icu") AS raised FROM unnest(string_to_array(translate(value,
                            'ᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧᾳῃῳ',
                            'ᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯᾼῌῼ'), NULL)) WITH ORDINALITY AS letters(letter, place)) AS pairs)
                    END;
                """);
            migrationBuilder.Sql(
                """
                CREATE FUNCTION portal_audit_part(value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
                    CASE WHEN value IS NULL THEN int4send(-1) ELSE int4send(octet_length(value)) || value END;
                """);
            migrationBuilder.Sql(
                """
                CREATE FUNCTION portal_audit_hash(
                    before bytea, id bigint, account text, at timestamp with time zone, actor_id text, actor_name text, actor_kind text, action text, target_id text, target_name text, details text)
                RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN sha256(
                    portal_audit_part(before) || portal_audit_part(convert_to(id::text, 'UTF8')) || portal_audit_part(convert_to(account, 'UTF8'))
                    || portal_audit_part(convert_to(rtrim(rtrim(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.'), 'UTF8'))
                    || portal_audit_part(convert_to(actor_id, 'UTF8')) || portal_audit_part(convert_to(actor_name, 'UTF8')) || portal_audit_part(convert_to(actor_kind, 'UTF8'))
                    || portal_audit_part(convert_to(action, 'UTF8')) || portal_audit_part(convert_to(target_id, 'UTF8')) || portal_audit_part(convert_to(target_name, 'UTF8'))
                    || portal_audit_part(convert_to(details, 'UTF8')));
                """);
        }

        /// <summary>Creates the tables by which nodes follow changes, and the triggers that fill the log in the transaction of each change. The row lock of
        /// <c>ChangeSequence</c> is held until the commit, so the numbers have the order of the commits, and no gaps.</summary>
        private static void CreateChangeLog(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                CREATE TABLE "ChangeSequence" ("Id" integer PRIMARY KEY CHECK ("Id" = 1), "Last" bigint NOT NULL);
                INSERT INTO "ChangeSequence" VALUES (1, 0);
                CREATE TABLE "Changes" ("Sequence" bigint PRIMARY KEY, "Kind" smallint NOT NULL, "Key" text COLLATE "C" NOT NULL, "At" timestamp with time zone NOT NULL);
                CREATE INDEX "IX_Changes_At" ON "Changes" ("At");
                CREATE TABLE "Nodes" (
                    "Id" uuid PRIMARY KEY, "Name" text COLLATE "C" NOT NULL, "Role" text COLLATE "C" NOT NULL, "Version" text COLLATE "C" NOT NULL,
                    "StartedAt" timestamp with time zone NOT NULL, "RenewedAt" timestamp with time zone NOT NULL,
                    "IsLive" boolean NOT NULL, "Renewal" bigint NOT NULL, "ReadThrough" bigint NOT NULL);
                """);
            migrationBuilder.Sql(
                """
                CREATE FUNCTION portal_log_change(kind integer, key text) RETURNS void LANGUAGE plpgsql AS $$
                DECLARE number bigint;
                BEGIN
                    UPDATE "ChangeSequence" SET "Last" = "Last" + 1 WHERE "Id" = 1 RETURNING "Last" INTO number;
                    INSERT INTO "Changes" ("Sequence", "Kind", "Key", "At") VALUES (number, kind, key, clock_timestamp());
                END $$;
                CREATE FUNCTION portal_log_token() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM portal_log_change(1, NEW."Handle");
                    RETURN NULL;
                END $$;
                CREATE FUNCTION portal_log_part_of_token() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM portal_log_change(1, "Handle") FROM "Tokens" WHERE "Id" = COALESCE(NEW."TokenId", OLD."TokenId");
                    RETURN NULL;
                END $$;
                CREATE FUNCTION portal_log_address_rule() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM portal_log_change(2, COALESCE(NEW."AccountId", OLD."AccountId"));
                    RETURN NULL;
                END $$;
                CREATE FUNCTION portal_log_account() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM portal_log_change(3, COALESCE(NEW."Id", OLD."Id"));
                    RETURN NULL;
                END $$;
                CREATE TRIGGER "TR_Tokens_Log" AFTER INSERT OR UPDATE OF "Name", "Status", "AllModules", "RateLimit", "MayOutlive", "ExpiresAt", "PreviousEndsAt", "DeletedAt" ON "Tokens"
                    FOR EACH ROW EXECUTE FUNCTION portal_log_token();
                CREATE TRIGGER "TR_TokenSecrets_Log" AFTER INSERT OR DELETE OR UPDATE OF "Hash", "EndsAt", "EndedAt" ON "TokenSecrets" FOR EACH ROW EXECUTE FUNCTION portal_log_part_of_token();
                CREATE TRIGGER "TR_TokenPermissions_Log" AFTER INSERT OR DELETE OR UPDATE ON "TokenPermissions" FOR EACH ROW EXECUTE FUNCTION portal_log_part_of_token();
                CREATE TRIGGER "TR_IpRules_Log" AFTER INSERT OR DELETE OR UPDATE ON "IpRules" FOR EACH ROW EXECUTE FUNCTION portal_log_address_rule();
                CREATE TRIGGER "TR_Accounts_Log" AFTER INSERT OR UPDATE ON "Accounts" FOR EACH ROW EXECUTE FUNCTION portal_log_account();
                """);
        }

        /// <summary>Creates the tables of what nodes share beside the model: the keys of the installation, and values that may be used once.</summary>
        private static void CreateSharedState(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            CREATE TABLE "InstallationKeys" ("Name" text COLLATE "C" PRIMARY KEY, "Content" bytea NOT NULL, "Version" bigint NOT NULL);
            CREATE TABLE "UsedValues" ("Kind" text COLLATE "C" NOT NULL, "Value" text COLLATE "C" NOT NULL, "Until" timestamp with time zone NOT NULL, PRIMARY KEY ("Kind", "Value"));
            CREATE INDEX "IX_UsedValues_Until" ON "UsedValues" ("Until");
            """);

        /// <summary>Creates the triggers of <see cref="TokenTotals"/> and of the audit log, which SQLite has as well.</summary>
        private static void CreateTriggers(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                CREATE FUNCTION portal_count_token() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'INSERT' THEN
                        INSERT INTO "TokenTallies" ("AccountId", "Version", "Kept", "Removed") VALUES (NEW."AccountId", 1, (NEW."DeletedAt" IS NULL)::integer, 0)
                        ON CONFLICT ("AccountId") DO UPDATE SET "Version" = "TokenTallies"."Version" + 1, "Kept" = "TokenTallies"."Kept" + excluded."Kept"
                        RETURNING "Version" INTO NEW."ListVersion";
                    ELSE
                        UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" + (NEW."DeletedAt" IS NULL)::integer - (OLD."DeletedAt" IS NULL)::integer
                        WHERE "AccountId" = NEW."AccountId" RETURNING "Version" INTO NEW."ListVersion";
                    END IF;
                    RETURN NEW;
                END $$;
                CREATE FUNCTION portal_count_removed_token() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Removed" = "Removed" + 1, "Kept" = "Kept" - (OLD."DeletedAt" IS NULL)::integer WHERE "AccountId" = OLD."AccountId";
                    RETURN NULL;
                END $$;
                CREATE FUNCTION portal_renumber_token() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE token bigint := COALESCE(NEW."TokenId", OLD."TokenId");
                BEGIN
                    UPDATE "TokenTallies" SET "Version" = "Version" + 1 WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = token);
                    UPDATE "Tokens" SET "ListVersion" = (SELECT "Version" FROM "TokenTallies" WHERE "TokenTallies"."AccountId" = "Tokens"."AccountId") WHERE "Id" = token;
                    RETURN NULL;
                END $$;
                CREATE FUNCTION portal_count_owner() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE "TokenTallies" SET "Version" = "Version" + 1 WHERE "AccountId" = NEW."AccountId";
                    RETURN NULL;
                END $$;
                CREATE FUNCTION portal_chain_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM 1 FROM "ChangeSequence" WHERE "Id" = 1 FOR UPDATE;
                    NEW."Hash" := portal_audit_hash(
                        (SELECT "Hash" FROM "AuditEntries" WHERE "Id" < NEW."Id" ORDER BY "Id" DESC LIMIT 1), NEW."Id", NEW."AccountId", NEW."At", NEW."ActorId",
                        NEW."ActorName", NEW."ActorKind", NEW."Action", NEW."TargetId", NEW."TargetName", NEW."Details");
                    RETURN NEW;
                END $$;
                CREATE TRIGGER "TR_Tokens_Insert" BEFORE INSERT ON "Tokens" FOR EACH ROW EXECUTE FUNCTION portal_count_token();
                CREATE TRIGGER "TR_Tokens_Update" BEFORE UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt", "OwnerId"
                    ON "Tokens" FOR EACH ROW EXECUTE FUNCTION portal_count_token();
                CREATE TRIGGER "TR_Tokens_Delete" AFTER DELETE ON "Tokens" FOR EACH ROW EXECUTE FUNCTION portal_count_removed_token();
                CREATE TRIGGER "TR_TokenSecrets_Insert" AFTER INSERT ON "TokenSecrets" FOR EACH ROW WHEN (NEW."Fingerprint" IS NOT NULL) EXECUTE FUNCTION portal_renumber_token();
                CREATE TRIGGER "TR_TokenSecrets_Update" AFTER UPDATE OF "Fingerprint" ON "TokenSecrets" FOR EACH ROW EXECUTE FUNCTION portal_renumber_token();
                CREATE TRIGGER "TR_TokenPermissions_Insert" AFTER INSERT ON "TokenPermissions" FOR EACH ROW EXECUTE FUNCTION portal_renumber_token();
                CREATE TRIGGER "TR_TokenPermissions_Delete" AFTER DELETE ON "TokenPermissions" FOR EACH ROW EXECUTE FUNCTION portal_renumber_token();
                CREATE TRIGGER "TR_TokenOwners_Update" AFTER UPDATE ON "TokenOwners" FOR EACH ROW EXECUTE FUNCTION portal_count_owner();
                CREATE TRIGGER "TR_AuditEntries_Insert" BEFORE INSERT ON "AuditEntries" FOR EACH ROW EXECUTE FUNCTION portal_chain_audit_entry();
                """);
        }

        private static void CreateIndexes(MigrationBuilder migrationBuilder)
        {
            // SQLite reads an index on "DeletedAt" and then a sort key in the order of the key; PostgreSQL doesn't take IS NULL for one value.
            migrationBuilder.Sql(
                """
                CREATE INDEX "IX_Tokens_Expires" ON "Tokens" ("AccountId", ("ExpiresAt" IS NULL), "ExpiresAt" NULLS FIRST, "Id") WHERE "DeletedAt" IS NULL;
                CREATE INDEX "IX_Tokens_LastUse" ON "Tokens" ("AccountId", ("LastUsedAt" IS NOT NULL), "LastUsedAt" NULLS FIRST, "Id") WHERE "DeletedAt" IS NULL;
                CREATE INDEX "IX_Tokens_KeptByName" ON "Tokens" ("AccountId", "NameSortKey" NULLS FIRST, "Id") WHERE "DeletedAt" IS NULL;
                CREATE INDEX "IX_Tokens_KeptByHandle" ON "Tokens" ("AccountId", "Handle", "Id") WHERE "DeletedAt" IS NULL;
                CREATE INDEX "IX_Tokens_KeptByAge" ON "Tokens" ("AccountId", "CreatedAt", "Id") WHERE "DeletedAt" IS NULL;
                """);
            // For patterns that begin with any characters.
            migrationBuilder.Sql(
                """
                CREATE EXTENSION IF NOT EXISTS pg_trgm;
                CREATE INDEX "IX_Tokens_SearchText" ON "Tokens" USING gin ("SearchText" gin_trgm_ops);
                """);
        }
    }
}
