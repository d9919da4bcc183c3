using Portal.Access;
using Portal.Catalog;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Api;

/// <summary>Reads request bodies about tokens. The service validates the values.</summary>
internal static class TokenInput
{
    public const string NothingToChange = "The request changes nothing. Send at least one of name, external_id, description, notice_days and start_date.";

    /// <summary>Reads a new token. Beyond the contract, it can set the modules (<c>permissions</c>), the start and the days of notice.</summary>
    public static NewToken ReadNew(JsonInput input, Actor actor, ModuleCatalog catalog)
    {
        if (!input.Has("name"))
            input.Fault("name", "is required.");
        if (input.Object("owner") is { IsSet: true } owner && (!owner.Sets("id") || (owner.Text("id") is { } ownerId && ownerId != actor.AccountId)))
            owner.Fault("id", $"must be your own account, {actor.AccountId}.");
        return new NewToken(
            Guid.CreateVersion7(), input.Text("name") ?? "", input.Text("external_id", nullable: true), input.Text("description", nullable: true),
            input.Moment("expiration_date"), ReadExtension(input, catalog)?.Id ?? "",
            new ModuleChoice(false, [.. input.Objects("permissions").Select(permission => ReadModule(permission, catalog)).OfType<string>()]),
            ModulesFollow: true)
        {
            EndsWithCreator = !input.Has("expiration_date"),
            StartsAt = input.Moment("start_date"),
            PerpetualReason = input.Text("perpetual_reason", nullable: true),
            NoticeDays = ReadNoticeDays(input),
        };
    }

    /// <summary>Reads the days of notice as people type them; null: the field is missing.</summary>
    private static string? ReadNoticeDays(JsonInput input) =>
        !input.Has("notice_days") ? null
        : !input.Sets("notice_days") ? ""
        : input.Numbers("notice_days") is not { Count: > 0 } days ? NoticeDays.Never
        : string.Join(", ", days);

    /// <summary>Reads a change to a token. Omitted fields are unchanged.</summary>
    public static Func<TokenRecord, TokenEdit> ReadChange(JsonInput input)
    {
        var (name, externalId, description) = (input.Text("name"), input.Text("external_id", nullable: true), input.Text("description", nullable: true));
        var (hasExternalId, hasDescription, noticeDays, start) = (input.Has("external_id"), input.Has("description"), ReadNoticeDays(input), input.Moment("start_date"));
        if (!input.Has("name") && !hasExternalId && !hasDescription && noticeDays is null && !input.Has("start_date"))
            input.Fault(NothingToChange);
        return token => new TokenEdit(
            name ?? token.Name, hasExternalId ? externalId : token.ExternalId, hasDescription ? description : token.Description, token.Choice)
        {
            NoticeDays = noticeDays,
            StartsAt = start,
        };
    }

    /// <summary>Reads the module of a permission, <c>{"object": {"id": "MD-0002"}}</c> or <c>{"id": "MD-0002"}</c>.</summary>
    /// <returns>Null: missing or unknown, which is recorded as an error.</returns>
    public static string? ReadModule(JsonInput permission, ModuleCatalog catalog)
    {
        var of = permission.Object("object");
        var (id, objectId) = (permission.Text("id", nullable: true), of.Text("id", nullable: true));
        var isTold = permission.IsNotObject || of.IsNotObject || (permission.Sets("id") && id is null) || (of.Sets("id") && objectId is null);
        if (isTold)
            return null;
        if (id is not null && objectId is not null && id != objectId)
            permission.Fault("id", "is another module than object.id; send one of them.");
        else if ((objectId ?? id) is not { } moduleId)
            of.Fault("id", "is required: the id of a module.");
        else if (catalog.FindModule(moduleId) is null)
            (objectId is null ? permission : of).Fault("id", "There is no module with this id.");
        else
            return moduleId;
        return null;
    }

    private static Extension? ReadExtension(JsonInput input, ModuleCatalog catalog)
    {
        var extension = input.Object("extension");
        var (id, name) = (extension.Text("id", nullable: true), extension.Text("name", nullable: true));
        if (id is null && name is null)
        {
            if (!extension.IsNotObject && !extension.Sets("id") && !extension.Sets("name"))
                input.Fault("extension", "is required, with the id or the name of an extension.");
            return null;
        }

        var found = catalog.Extensions.FirstOrDefault(offered => (id is null || offered.Id == id) && (name is null || offered.Name == name));
        if (found is null)
            input.Fault("extension", "There is no extension with this id and name.");
        return found;
    }
}
