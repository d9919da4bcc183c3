using Portal.Api.Document;
using Portal.Api.Rql;

namespace Portal.Api;

/// <summary>Describes the operations of <see cref="CatalogEndpoints"/>, <see cref="IntegrationSettingsEndpoints"/> and
/// <see cref="AccountEndpoints"/>.</summary>
internal static class CatalogOperations
{
    private static readonly ModuleBody Module = new(Samples.ModuleId, "Agreements");

    private static readonly ExtensionBody Extension =
        ExtensionBody.Of(Samples.ExtensionId, "custom", "For an integration of your own. You choose its permissions.");

    public static readonly ApiOperation ListModules = new("auth_modules_list_listModules", ApiTags.General, "List modules")
    {
        Description = "Lists the modules that tokens can use.",
        Filters = _ => CatalogProperties.Modules.Facts,
        Answer = new(StatusCodes.Status200OK, "One page of modules.", (ModuleBody[])[Module], ApiHeaders.ContentRange),
    };

    public static readonly ApiOperation GetModule = new("auth_modules_detail_retrieveModule", ApiTags.General, "Read a module")
    {
        Target = ApiTarget.Module,
        Answer = new(StatusCodes.Status200OK, "The module.", Module),
        Errors = [CatalogEndpoints.NotFound("module", "MD-9999")],
    };

    public static readonly ApiOperation ListExtensions = new("auth_extensions_list_listExtensions", ApiTags.Extensions, "List extensions")
    {
        Description = "Lists the extensions that tokens can be created for.",
        Filters = _ => CatalogProperties.Extensions.Facts,
        Answer = new(StatusCodes.Status200OK, "One page of extensions.", (ExtensionBody[])[Extension], ApiHeaders.ContentRange),
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
        Description = "Returns the addresses from which all tokens of the account may be used. Rules for single tokens aren't included.",
        Answer = new(StatusCodes.Status200OK, "The rules.", new SettingsBody(new AclBody([new IpRangeBody("Office", ["192.0.2.0", "192.0.2.255"])]))),
    };

    public static readonly ApiOperation Accounts = new("auth_accounts_list_listAccounts", ApiTags.Accounts, "List accounts")
    {
        Description = "Lists the accounts that the calling token has access to, which is its own account. Every token may call this.",
        IsOpen = true,
        Filters = _ => CatalogProperties.Accounts.Facts,
        Answer = new(
            StatusCodes.Status200OK, "One page of accounts.",
            (AccountBody[])[AccountBody.Of(Samples.Account.Id, Samples.Account.Name, Samples.Moment("2026-01-05T08:00:00+00:00"))],
            ApiHeaders.ContentRange),
    };

    public static readonly ApiOperation Context = new("auth_context_list_listContextWrites", ApiTags.Auth, "Read the caller")
    {
        Description = "Returns the account of the key, and its token in place of a user. Every token may call this.",
        IsOpen = true,
        Answer = new(
            StatusCodes.Status200OK, "The account and the token of the key.",
            new ContextBody(
                new IconReferenceBody(Samples.Account.Id, Samples.Account.Name), new ReferenceBody(Samples.Handle, Samples.Token.Name))),
    };
}
