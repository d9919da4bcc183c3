-- A database as the nine migrations before 20261126113000_Initial made it, with a row or more in every table.

CREATE TABLE "__EFMigrationsLock" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY,
    "Timestamp" TEXT NOT NULL
);
CREATE TABLE "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);
INSERT INTO __EFMigrationsHistory VALUES('20261124055608_Initial','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261124073244_IpRules','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261124092140_RateLimits','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261124102449_RequestStatistics','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261124123900_RememberedCalls','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261124125817_TokenLists','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261126105741_EndedSecrets','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261126110500_TokenCreators','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261126113000_StatisticsByDay','10.0.15');
CREATE TABLE "Accounts" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Accounts" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "MaximumLifetimeDays" INTEGER NULL,
    "PerpetualAllowed" INTEGER NOT NULL
);
CREATE TABLE "AspNetRoles" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_AspNetRoles" PRIMARY KEY,
    "Name" TEXT NULL,
    "NormalizedName" TEXT NULL,
    "ConcurrencyStamp" TEXT NULL
);
INSERT INTO AspNetRoles VALUES('Administrator','Administrator','ADMINISTRATOR','Administrator');
INSERT INTO AspNetRoles VALUES('Operator','Operator','OPERATOR','Operator');
INSERT INTO AspNetRoles VALUES('Viewer','Viewer','VIEWER','Viewer');
CREATE TABLE "AspNetUsers" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_AspNetUsers" PRIMARY KEY,
    "AccountId" TEXT NOT NULL,
    "DisplayName" TEXT NOT NULL,
    "UserName" TEXT NULL,
    "NormalizedUserName" TEXT NULL,
    "Email" TEXT NULL,
    "NormalizedEmail" TEXT NULL,
    "EmailConfirmed" INTEGER NOT NULL,
    "PasswordHash" TEXT NULL,
    "SecurityStamp" TEXT NULL,
    "ConcurrencyStamp" TEXT NULL,
    "PhoneNumber" TEXT NULL,
    "PhoneNumberConfirmed" INTEGER NOT NULL,
    "TwoFactorEnabled" INTEGER NOT NULL,
    "LockoutEnd" TEXT NULL,
    "LockoutEnabled" INTEGER NOT NULL,
    "AccessFailedCount" INTEGER NOT NULL,
    CONSTRAINT "FK_AspNetUsers_Accounts_AccountId" FOREIGN KEY ("AccountId") REFERENCES "Accounts" ("Id") ON DELETE RESTRICT
);
CREATE TABLE "AuditEntries" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_AuditEntries" PRIMARY KEY AUTOINCREMENT,
    "AccountId" TEXT NOT NULL,
    "At" TEXT NOT NULL,
    "ActorId" TEXT NOT NULL,
    "ActorName" TEXT NOT NULL,
    "ActorKind" TEXT NOT NULL,
    "Action" TEXT NOT NULL,
    "TargetId" TEXT NOT NULL,
    "TargetName" TEXT NOT NULL,
    "Details" TEXT NULL,
    CONSTRAINT "FK_AuditEntries_Accounts_AccountId" FOREIGN KEY ("AccountId") REFERENCES "Accounts" ("Id") ON DELETE RESTRICT
);
CREATE TABLE "Tokens" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Tokens" PRIMARY KEY AUTOINCREMENT,
    "AccountId" TEXT NOT NULL,
    "Handle" TEXT NOT NULL,
    "CreationId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "NameKey" TEXT NOT NULL,
    "SearchText" TEXT NOT NULL,
    "ExternalId" TEXT NULL,
    "Description" TEXT NULL,
    "ExtensionId" TEXT NOT NULL,
    "ExtensionName" TEXT NOT NULL,
    "Status" INTEGER NOT NULL,
    "AllModules" INTEGER NOT NULL,
    "ExpiresAt" TEXT NULL,
    "PreviousEndsAt" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "CreatedById" TEXT NOT NULL,
    "CreatedByName" TEXT NOT NULL,
    "UpdatedAt" TEXT NOT NULL,
    "UpdatedById" TEXT NOT NULL,
    "UpdatedByName" TEXT NOT NULL,
    "DeletedAt" TEXT NULL,
    "LastUsedAt" TEXT NULL,
    "LastUsedAddress" TEXT NULL,
    "LastUsedModuleId" TEXT NULL,
    "Version" TEXT NOT NULL, "RateLimit" TEXT NULL, "LastUsedClient" TEXT NULL, "CreatedByKind" INTEGER NOT NULL DEFAULT 0, "MayOutlive" INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT "FK_Tokens_Accounts_AccountId" FOREIGN KEY ("AccountId") REFERENCES "Accounts" ("Id") ON DELETE RESTRICT
);
CREATE TABLE "AspNetRoleClaims" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_AspNetRoleClaims" PRIMARY KEY AUTOINCREMENT,
    "RoleId" TEXT NOT NULL,
    "ClaimType" TEXT NULL,
    "ClaimValue" TEXT NULL,
    CONSTRAINT "FK_AspNetRoleClaims_AspNetRoles_RoleId" FOREIGN KEY ("RoleId") REFERENCES "AspNetRoles" ("Id") ON DELETE CASCADE
);
CREATE TABLE "AspNetUserClaims" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_AspNetUserClaims" PRIMARY KEY AUTOINCREMENT,
    "UserId" TEXT NOT NULL,
    "ClaimType" TEXT NULL,
    "ClaimValue" TEXT NULL,
    CONSTRAINT "FK_AspNetUserClaims_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE "AspNetUserLogins" (
    "LoginProvider" TEXT NOT NULL,
    "ProviderKey" TEXT NOT NULL,
    "ProviderDisplayName" TEXT NULL,
    "UserId" TEXT NOT NULL,
    CONSTRAINT "PK_AspNetUserLogins" PRIMARY KEY ("LoginProvider", "ProviderKey"),
    CONSTRAINT "FK_AspNetUserLogins_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE "AspNetUserRoles" (
    "UserId" TEXT NOT NULL,
    "RoleId" TEXT NOT NULL,
    CONSTRAINT "PK_AspNetUserRoles" PRIMARY KEY ("UserId", "RoleId"),
    CONSTRAINT "FK_AspNetUserRoles_AspNetRoles_RoleId" FOREIGN KEY ("RoleId") REFERENCES "AspNetRoles" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_AspNetUserRoles_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE "AspNetUserTokens" (
    "UserId" TEXT NOT NULL,
    "LoginProvider" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Value" TEXT NULL,
    CONSTRAINT "PK_AspNetUserTokens" PRIMARY KEY ("UserId", "LoginProvider", "Name"),
    CONSTRAINT "FK_AspNetUserTokens_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE "DailyCounts" (
    "TokenId" INTEGER NOT NULL,
    "Day" TEXT NOT NULL,
    "ModuleId" TEXT NOT NULL,
    "StatusCode" INTEGER NOT NULL,
    "Reason" TEXT NOT NULL,
    "Count" INTEGER NOT NULL,
    CONSTRAINT "PK_DailyCounts" PRIMARY KEY ("TokenId", "Day", "ModuleId", "StatusCode", "Reason"),
    CONSTRAINT "FK_DailyCounts_Tokens_TokenId" FOREIGN KEY ("TokenId") REFERENCES "Tokens" ("Id") ON DELETE CASCADE
);
CREATE TABLE "ModuleUses" (
    "TokenId" INTEGER NOT NULL,
    "ModuleId" TEXT NOT NULL,
    "LastUsedAt" TEXT NOT NULL,
    CONSTRAINT "PK_ModuleUses" PRIMARY KEY ("TokenId", "ModuleId"),
    CONSTRAINT "FK_ModuleUses_Tokens_TokenId" FOREIGN KEY ("TokenId") REFERENCES "Tokens" ("Id") ON DELETE CASCADE
);
CREATE TABLE "TokenPermissions" (
    "TokenId" INTEGER NOT NULL,
    "ModuleId" TEXT NOT NULL,
    "ModuleName" TEXT NOT NULL,
    "GrantedAt" TEXT NOT NULL,
    "GrantedById" TEXT NOT NULL,
    "GrantedByName" TEXT NOT NULL,
    CONSTRAINT "PK_TokenPermissions" PRIMARY KEY ("TokenId", "ModuleId"),
    CONSTRAINT "FK_TokenPermissions_Tokens_TokenId" FOREIGN KEY ("TokenId") REFERENCES "Tokens" ("Id") ON DELETE CASCADE
);
CREATE TABLE "TokenSecrets" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_TokenSecrets" PRIMARY KEY AUTOINCREMENT,
    "TokenId" INTEGER NOT NULL,
    "Hash" BLOB NOT NULL,
    "Protected" BLOB NULL,
    "CreatedAt" TEXT NOT NULL,
    "ExpiresAt" TEXT NULL,
    "EndsAt" TEXT NULL,
    "LastUsedAt" TEXT NULL, "EndedAt" TEXT NULL,
    CONSTRAINT "FK_TokenSecrets_Tokens_TokenId" FOREIGN KEY ("TokenId") REFERENCES "Tokens" ("Id") ON DELETE CASCADE
);
CREATE TABLE "ExpiryNotices" (
    "SecretId" INTEGER NOT NULL,
    "DaysBefore" INTEGER NOT NULL,
    "Channel" TEXT NOT NULL,
    "SentAt" TEXT NOT NULL,
    CONSTRAINT "PK_ExpiryNotices" PRIMARY KEY ("SecretId", "DaysBefore", "Channel"),
    CONSTRAINT "FK_ExpiryNotices_TokenSecrets_SecretId" FOREIGN KEY ("SecretId") REFERENCES "TokenSecrets" ("Id") ON DELETE CASCADE
);
CREATE TABLE "IpRules" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_IpRules" PRIMARY KEY AUTOINCREMENT,
    "AccountId" TEXT NOT NULL,
    "TokenId" INTEGER NULL,
    "Label" TEXT NULL,
    "Written" TEXT NOT NULL,
    "First" BLOB NOT NULL,
    "Last" BLOB NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "CreatedById" TEXT NOT NULL,
    "CreatedByName" TEXT NOT NULL,
    CONSTRAINT "FK_IpRules_Accounts_AccountId" FOREIGN KEY ("AccountId") REFERENCES "Accounts" ("Id") ON DELETE RESTRICT,
    CONSTRAINT "FK_IpRules_Tokens_TokenId" FOREIGN KEY ("TokenId") REFERENCES "Tokens" ("Id") ON DELETE CASCADE
);
CREATE TABLE "SeenAddresses" (
    "TokenId" INTEGER NOT NULL,
    "Address" BLOB NOT NULL,
    "LastSeenOn" TEXT NOT NULL,
    CONSTRAINT "PK_SeenAddresses" PRIMARY KEY ("TokenId", "Address"),
    CONSTRAINT "FK_SeenAddresses_Tokens_TokenId" FOREIGN KEY ("TokenId") REFERENCES "Tokens" ("Id") ON DELETE CASCADE
);
CREATE TABLE "LatencyCounts" (
    "TokenId" INTEGER NOT NULL,
    "Day" TEXT NOT NULL,
    "Bucket" INTEGER NOT NULL,
    "Count" INTEGER NOT NULL,
    CONSTRAINT "PK_LatencyCounts" PRIMARY KEY ("TokenId", "Day", "Bucket"),
    CONSTRAINT "FK_LatencyCounts_Tokens_TokenId" FOREIGN KEY ("TokenId") REFERENCES "Tokens" ("Id") ON DELETE CASCADE
);
CREATE TABLE "RecentRequests" (
    "TokenId" INTEGER NOT NULL CONSTRAINT "PK_RecentRequests" PRIMARY KEY,
    "LastOn" TEXT NOT NULL,
    "Entries" BLOB NOT NULL,
    CONSTRAINT "FK_RecentRequests_Tokens_TokenId" FOREIGN KEY ("TokenId") REFERENCES "Tokens" ("Id") ON DELETE CASCADE
);
CREATE TABLE "RememberedCalls" (
    "Id" BLOB NOT NULL CONSTRAINT "PK_RememberedCalls" PRIMARY KEY,
    "Request" BLOB NOT NULL,
    "At" TEXT NOT NULL,
    "Handle" TEXT NULL,
    "Answer" BLOB NOT NULL
);
CREATE TABLE "TokenTallies" (
    "AccountId" TEXT NOT NULL CONSTRAINT "PK_TokenTallies" PRIMARY KEY,
    "Version" INTEGER NOT NULL,
    "Kept" INTEGER NOT NULL
);
CREATE TABLE "Installation" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Installation" PRIMARY KEY,
    "LastKnownAt" TEXT NULL,
    "KeyRingProof" BLOB NULL
);
CREATE INDEX "IX_AspNetRoleClaims_RoleId" ON "AspNetRoleClaims" ("RoleId");
CREATE UNIQUE INDEX "RoleNameIndex" ON "AspNetRoles" ("NormalizedName");
CREATE INDEX "IX_AspNetUserClaims_UserId" ON "AspNetUserClaims" ("UserId");
CREATE INDEX "IX_AspNetUserLogins_UserId" ON "AspNetUserLogins" ("UserId");
CREATE INDEX "IX_AspNetUserRoles_RoleId" ON "AspNetUserRoles" ("RoleId");
CREATE INDEX "EmailIndex" ON "AspNetUsers" ("NormalizedEmail");
CREATE INDEX "IX_AspNetUsers_AccountId" ON "AspNetUsers" ("AccountId");
CREATE UNIQUE INDEX "UserNameIndex" ON "AspNetUsers" ("NormalizedUserName");
CREATE INDEX "IX_AuditEntries_AccountId_At" ON "AuditEntries" ("AccountId", "At");
CREATE INDEX "IX_AuditEntries_AccountId_TargetId_At" ON "AuditEntries" ("AccountId", "TargetId", "At");
CREATE INDEX "IX_TokenSecrets_TokenId" ON "TokenSecrets" ("TokenId");
CREATE INDEX "IX_Tokens_AccountId_CreatedAt" ON "Tokens" ("AccountId", "CreatedAt");
CREATE UNIQUE INDEX "IX_Tokens_AccountId_CreationId" ON "Tokens" ("AccountId", "CreationId");
CREATE INDEX "IX_Tokens_AccountId_ExpiresAt" ON "Tokens" ("AccountId", "ExpiresAt");
CREATE INDEX "IX_Tokens_AccountId_LastUsedAt" ON "Tokens" ("AccountId", "LastUsedAt");
CREATE UNIQUE INDEX "IX_Tokens_AccountId_NameKey" ON "Tokens" ("AccountId", "NameKey") WHERE "DeletedAt" IS NULL;
CREATE UNIQUE INDEX "IX_Tokens_Handle" ON "Tokens" ("Handle");
CREATE UNIQUE INDEX "IX_IpRules_AccountId_First_Last" ON "IpRules" ("AccountId", "First", "Last") WHERE "TokenId" IS NULL;
CREATE UNIQUE INDEX "IX_IpRules_TokenId_First_Last" ON "IpRules" ("TokenId", "First", "Last") WHERE "TokenId" IS NOT NULL;
CREATE INDEX "IX_RememberedCalls_At" ON "RememberedCalls" ("At");
CREATE INDEX "IX_Tokens_AccountHandle" ON "Tokens" ("AccountId", "DeletedAt", "Handle");
CREATE INDEX "IX_Tokens_Age" ON "Tokens" ("AccountId", "DeletedAt", "CreatedAt", "Id", "Status", "ExtensionId", "ExpiresAt", "PreviousEndsAt", "ExtensionName");
CREATE INDEX "IX_Tokens_Deleted" ON "Tokens" ("AccountId", "CreatedAt", "Id", "DeletedAt", "Status") WHERE "DeletedAt" IS NOT NULL;
CREATE INDEX "IX_Tokens_Extension" ON "Tokens" ("AccountId", "DeletedAt", "ExtensionId");
CREATE INDEX "IX_Tokens_ExternalId" ON "Tokens" ("AccountId", "DeletedAt", "ExternalId");
CREATE INDEX "IX_Tokens_Name" ON "Tokens" ("AccountId", "DeletedAt", "Name");
CREATE INDEX "IX_Tokens_Previous" ON "Tokens" ("AccountId", "PreviousEndsAt", "DeletedAt", "Status") WHERE "PreviousEndsAt" IS NOT NULL;
CREATE INDEX "IX_Tokens_Status" ON "Tokens" ("AccountId", "DeletedAt", "Status", "ExpiresAt", "PreviousEndsAt");
CREATE INDEX "IX_TokenPermissions_ModuleId_TokenId" ON "TokenPermissions" ("ModuleId", "TokenId");
CREATE TRIGGER "TR_Tokens_Insert" AFTER INSERT ON "Tokens" BEGIN INSERT INTO "TokenTallies" ("AccountId", "Version", "Kept") VALUES (NEW."AccountId", 1, NEW."DeletedAt" IS NULL)
ON CONFLICT ("AccountId") DO UPDATE SET "Version" = "Version" + 1, "Kept" = "Kept" + excluded."Kept"; END;
CREATE TRIGGER "TR_Tokens_Update" AFTER UPDATE OF "Name", "SearchText", "ExternalId", "Description", "Status", "AllModules", "ExpiresAt", "PreviousEndsAt", "DeletedAt" ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" + (NEW."DeletedAt" IS NULL) - (OLD."DeletedAt" IS NULL)
WHERE "AccountId" = NEW."AccountId"; END;
CREATE TRIGGER "TR_Tokens_Delete" AFTER DELETE ON "Tokens" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1, "Kept" = "Kept" - (OLD."DeletedAt" IS NULL) WHERE "AccountId" = OLD."AccountId"; END;
CREATE TRIGGER "TR_TokenPermissions_Insert" AFTER INSERT ON "TokenPermissions" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1
WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = NEW."TokenId"); END;
CREATE TRIGGER "TR_TokenPermissions_Delete" AFTER DELETE ON "TokenPermissions" BEGIN UPDATE "TokenTallies" SET "Version" = "Version" + 1
WHERE "AccountId" = (SELECT "AccountId" FROM "Tokens" WHERE "Id" = OLD."TokenId"); END;
CREATE INDEX "IX_TokenSecrets_Due" ON "TokenSecrets" ("EndsAt") WHERE "EndedAt" IS NULL AND "EndsAt" IS NOT NULL;
CREATE INDEX "IX_Tokens_CreatedByToken" ON "Tokens" ("AccountId", "CreatedById", "DeletedAt") WHERE "CreatedByKind" = 1;
CREATE INDEX "IX_DailyCounts_Day" ON "DailyCounts" ("Day");
CREATE INDEX "IX_LatencyCounts_Day" ON "LatencyCounts" ("Day");
CREATE INDEX "IX_RecentRequests_LastOn" ON "RecentRequests" ("LastOn");
CREATE INDEX "IX_SeenAddresses_LastSeenOn" ON "SeenAddresses" ("LastSeenOn");

INSERT INTO "Accounts" VALUES ('PA-000-001', 'Main account', '2026-10-01 00:00:00', NULL, 1);
INSERT INTO "AspNetUsers" VALUES ('u', 'PA-000-001', 'Ada', 'ada', 'ADA', NULL, NULL, 0, 'hash', 'stamp', 'stamp', NULL, 0, 0, NULL, 1, 0);
INSERT INTO "AspNetRoleClaims" VALUES (1, 'Viewer', 'type', 'value');
INSERT INTO "AspNetUserClaims" VALUES (1, 'u', 'type', 'value');
INSERT INTO "AspNetUserLogins" VALUES ('provider', 'key', 'Provider', 'u');
INSERT INTO "AspNetUserRoles" VALUES ('u', 'Administrator');
INSERT INTO "AspNetUserTokens" VALUES ('u', 'provider', 'name', 'value');
INSERT INTO "Tokens" ("Id", "AccountId", "Handle", "CreationId", "Name", "NameKey", "SearchText", "ExternalId", "Description", "ExtensionId", "ExtensionName", "Status", "AllModules",
    "ExpiresAt", "PreviousEndsAt", "CreatedAt", "CreatedById", "CreatedByName", "UpdatedAt", "UpdatedById", "UpdatedByName", "DeletedAt", "LastUsedAt", "LastUsedAddress",
    "LastUsedModuleId", "Version", "RateLimit", "LastUsedClient", "CreatedByKind", "MayOutlive")
VALUES
    (1, 'PA-000-001', 'SU-000-000-001', '00000000-0000-0000-0000-000000000001', 'Live', 'LIVE', 'LIVE SU-000-000-001', 'CRM-1', 'Reads', 'EXT-000', 'custom', 1, 0,
     NULL, NULL, '2026-10-01 00:00:00', 'u', 'Ada', '2026-10-01 00:00:00', 'u', 'Ada', NULL, '2026-10-02 00:00:00', '192.0.2.7',
     'MD-0002', '00000000-0000-0000-0000-000000000001', '100/minute', 'curl/8.0', 0, 1),
    (2, 'PA-000-001', 'SU-000-000-002', '00000000-0000-0000-0000-000000000002', 'Rotated', 'ROTATED', 'ROTATED SU-000-000-002', NULL, NULL, 'EXT-000', 'custom', 1, 1,
     NULL, '2026-10-05 00:00:00', '2026-10-01 00:00:00', 'SU-000-000-001', 'Live', '2026-10-04 00:00:00', 'u', 'Ada', NULL, NULL, NULL,
     NULL, '00000000-0000-0000-0000-000000000002', NULL, NULL, 1, 0),
    (3, 'PA-000-001', 'SU-000-000-003', '00000000-0000-0000-0000-000000000003', 'Deleted', 'DELETED', 'DELETED SU-000-000-003', NULL, NULL, 'EXT-000', 'custom', 3, 0,
     NULL, NULL, '2026-10-01 00:00:00', 'u', 'Ada', '2026-10-03 00:00:00', 'u', 'Ada', '2026-10-03 00:00:00', NULL, NULL,
     NULL, '00000000-0000-0000-0000-000000000003', NULL, NULL, 0, 0);
INSERT INTO "TokenSecrets" ("Id", "TokenId", "Hash", "Protected", "CreatedAt", "ExpiresAt", "EndsAt", "LastUsedAt", "EndedAt") VALUES
    (1, 1, x'01', x'AA', '2026-10-01 00:00:00', NULL, NULL, '2026-10-02 00:00:00', NULL),
    (2, 2, x'02', NULL, '2026-10-01 00:00:00', NULL, '2026-10-05 00:00:00', NULL, '2026-10-05 00:00:00'),
    (3, 2, x'03', x'CC', '2026-10-04 00:00:00', NULL, NULL, NULL, NULL),
    (4, 3, x'04', NULL, '2026-10-01 00:00:00', NULL, NULL, NULL, '2026-10-03 00:00:00');
INSERT INTO "TokenPermissions" VALUES
    (1, 'MD-0002', 'Module 2', '2026-10-01 00:00:00', 'u', 'Ada'), (2, '*', 'All modules', '2026-10-01 00:00:00', 'u', 'Ada');
INSERT INTO "ExpiryNotices" VALUES (1, 7, 'mail', '2026-10-01 00:00:00');
INSERT INTO "DailyCounts" VALUES (1, '2026-10-02', 'MD-0002', 200, '', 12);
INSERT INTO "LatencyCounts" VALUES (1, '2026-10-02', 3, 12);
INSERT INTO "RecentRequests" VALUES (1, '2026-10-02', x'00');
INSERT INTO "ModuleUses" VALUES (1, 'MD-0002', '2026-10-02 00:00:00');
INSERT INTO "SeenAddresses" VALUES (1, x'00000000000000000000FFFFC0000207', '2026-10-02');
INSERT INTO "IpRules" VALUES (1, 'PA-000-001', 1, 'Office', '192.0.2.0/24', x'00000000000000000000FFFFC0000200', x'00000000000000000000FFFFC00002FF', '2026-10-01 00:00:00', 'u', 'Ada');
INSERT INTO "RememberedCalls" VALUES (x'0A', x'0B', '2026-10-01 00:00:00', 'SU-000-000-001', x'0C');
INSERT INTO "Installation" VALUES (1, '2026-11-24 09:00:00', NULL);
INSERT INTO "AuditEntries" ("AccountId", "At", "ActorId", "ActorName", "ActorKind", "Action", "TargetId", "TargetName") VALUES
    ('PA-000-001', '2026-10-03 00:00:00', 'u', 'Ada', 'user', 'token.deleted', 'SU-000-000-003', 'Deleted');
