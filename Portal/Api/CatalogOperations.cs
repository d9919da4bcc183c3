using Portal.Api.Document;
using Portal.Api.Rql;

namespace Portal.Api;

/// <summary>What the API's document says of <see cref="CatalogEndpoints"/>, <see cref="IntegrationSettingsEndpoints"/> and
/// <see cref="AccountEndpoints"/>.</summary>
internal static class CatalogOperations
{
    private static readonly ModuleBody Module = new(Samples.ModuleId, "Agreements");

    private static readonly ExtensionBody Extension =
        ExtensionBody.Of(Samples.ExtensionId, "custom", "For whatever you build yourself; you choose its permissions.");

    public static readonly ApiOperation ListModules = new("auth_modules_list_listModules", ApiTags.General, "List modules")
    {
        Description = "The modules that a token may be allowed to use.",
        Filters = _ => CatalogProperties.Modules.Facts,
        Answer = new(StatusCodes.Status200OK, "The modules in the window.", (ModuleBody[])[Module], ApiHeaders.ContentRange),
    };

    public static readonly ApiOperation GetModule = new("auth_modules_detail_retrieveModule", ApiTags.General, "Read a module")
    {
        Target = ApiTarget.Module,
        Answer = new(StatusCodes.Status200OK, "The module.", Module),
        Errors = [CatalogEndpoints.NotFound("module", "MD-9999")],
    };

    public static readonly ApiOperation ListExtensions = new("auth_extensions_list_listExtensions", ApiTags.Extensions, "List extensions")
    {
        Description = "What tokens can be for.",
        Filters = _ => CatalogProperties.Extensions.Facts,
        Answer = new(StatusCodes.Status200OK, "The extensions in the window.", (ExtensionBody[])[Extension], ApiHeaders.ContentRange),
    };

    public static readonly ApiOperation GetExtension = new("auth_extensions_detail_retrieveExtension", ApiTags.Extensions, "Read an extension")
    {
        Target = ApiTarget.Extension,
        Answer = new(StatusCodes.Status200OK, "The extension.", Extension),
        Errors = [CatalogEndpoints.NotFound("extension", "EXT-999")],
    };

    public static readonly ApiOperation Settings = new(
        "auth_modules_integrations_alias_settings_list_listAccountIntegrationsSettingsModuleViewSets", ApiTags.General, "Read the IP rules")
    {
        Description = "The addresses that may use all of the account's tokens. Rules of single tokens are not told.",
        Answer = new(StatusCodes.Status200OK, "The rules.", new SettingsBody(new AclBody([new IpRangeBody("Office", ["192.0.2.0", "192.0.2.255"])]))),
    };

    public static readonly ApiOperation Accounts = new("auth_accounts_list_listAccounts", ApiTags.Accounts, "List accounts")
    {
        Description = "The accounts that the calling token sees: its own. Open to every token.",
        IsOpen = true,
        Filters = _ => CatalogProperties.Accounts.Facts,
        Answer = new(
            StatusCodes.Status200OK, "The accounts in the window.",
            (AccountBody[])[AccountBody.Of(Samples.Account.Id, Samples.Account.Name, Samples.Moment("2026-01-05T08:00:00+00:00"))],
            ApiHeaders.ContentRange),
    };

    public static readonly ApiOperation Context = new("auth_context_list_listContextWrites", ApiTags.Auth, "Read who calls")
    {
        Description = "The account, and the token in the place of a user. Open to every token.",
        IsOpen = true,
        Answer = new(
            StatusCodes.Status200OK, "Whom the key stands for.",
            new ContextBody(
                new IconReferenceBody(Samples.Account.Id, Samples.Account.Name), new ReferenceBody(Samples.Handle, Samples.Token.Name))),
    };
}
