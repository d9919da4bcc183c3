using System.Collections.Frozen;
using Portal.Access;
using Portal.Authentication;
using Portal.Catalog;

namespace Portal.Api;

/// <summary>The token that calls, as the services know who asks. An endpoint takes it as a parameter.</summary>
/// <remarks>A token that may use the module which owns the path manages the account's tokens as an administrator does, but only as far
/// as its own modules go: it can't come by others through a token that it creates, changes or takes the key of. Where the catalogue
/// opens the path to any token, it can only read.</remarks>
internal sealed record ApiActor(Actor Actor)
{
    public static implicit operator Actor(ApiActor caller) => caller.Actor;

    /// <summary>The calling token where it only reads what every token of the account may see.</summary>
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
            OnlyModules = credential.AllModules
                ? null
                : catalog.Modules.Where(credential.MayUse).Select(module => module.Id).ToFrozenSet(StringComparer.Ordinal),
        }));
    }
}
