using System.Collections.Frozen;
using Portal.Access;
using Portal.Addresses;
using Portal.Authentication;
using Portal.Catalog;

namespace Portal.Api;

/// <summary>The calling token as an actor for services. Endpoints take it as a parameter.</summary>
/// <remarks>A token that may use the module of the path manages the account's tokens like an administrator, but only within its own
/// modules: it can't get access to others through a token that it creates, changes or takes the key of. If the catalog opens the path
/// to every token, the token can only read.</remarks>
internal sealed record ApiActor(Actor Actor)
{
    public static implicit operator Actor(ApiActor caller) => caller.Actor;

    /// <summary>The calling token as an actor that only reads, for data that every token of the account may see.</summary>
    public static Actor ReaderOf(ApiCaller caller) =>
        new(ActorKind.Token, caller.Credential.Handle, caller.Credential.Name, caller.Credential.AccountId, Role.Viewer);

    public static ValueTask<ApiActor> BindAsync(HttpContext context)
    {
        var caller = ApiCaller.Of(context);
        var catalog = context.RequestServices.GetRequiredService<ModuleCatalog>();
        var credential = caller.Credential;
        var role = caller.Module is null ? Role.Viewer : Role.Administrator;
        return new(new ApiActor(new Actor(ActorKind.Token, credential.Handle, credential.Name, credential.AccountId, role)
        {
            KeyId = caller.SecretId,
            Address = AddressNumber.Write(context.Connection.RemoteIpAddress),
            OnlyModules = credential.AllModules
                ? null
                : catalog.Modules.Where(credential.MayUse).Select(module => module.Id).ToFrozenSet(StringComparer.Ordinal),
        }));
    }
}
