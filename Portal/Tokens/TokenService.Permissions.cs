using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Catalog;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Grants a module to a token. Existing grants are unchanged.</summary>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    /// <returns>Done, NotFound, Refused (deleted, or the extension determines the modules), Invalid, Forbidden or NeedsApproval.</returns>
    public async Task<TokenOutcome> GrantAsync(
        Actor actor, string handle, string moduleId, VersionCondition? condition = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        return await ChangeAsync(actor, handle, async (context, token, now, turn) =>
        {
            if (catalog.FindModule(moduleId) is null)
                return new TokenOutcome.Invalid([new Fault(TokenField.Permissions, "There is no module with this id.")]);
            if (CheckGrantable(actor, new ModuleChoice(false, [moduleId])) is { } beyond)
                return new TokenOutcome.Forbidden(beyond);
            if (token.AllModules)
                return new TokenOutcome.Done(handle);
            List<string> modules = [.. OfferedModules(token), moduleId];
            return await CheckApprovalAsync(context, actor, await FindNeedAsync(context, token, new ModuleChoice(false, modules), turn), null, handle, draft: null, turn) is { } against
                ? against
                : Permit(context, actor, token, modules, now);
        }, cancellation, condition: condition);
    }

    /// <summary>Removes modules from a token. A token with all modules keeps every other module individually. It may end up without modules.</summary>
    /// <param name="condition">The versions of the token that may be changed; null: any.</param>
    /// <returns>Done, NotFound, Refused (deleted, or the extension determines the modules) or Forbidden.</returns>
    public async Task<TokenOutcome> RevokeAsync(
        Actor actor, string handle, IReadOnlyCollection<string> moduleIds, VersionCondition? condition = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        return await ChangeAsync(actor, handle, (context, token, now) =>
        {
            var present = OfferedModules(token);
            return moduleIds.Any(present.Contains) ? Permit(context, actor, token, [.. present.Except(moduleIds)], now) : new TokenOutcome.Done(handle);
        }, cancellation, condition: condition);
    }

    private TokenOutcome Permit(PortalDbContext context, Actor actor, Token token, List<string> moduleIds, DateTime now)
    {
        if (!PermissionsAreEditable(token.ExtensionId))
            return new TokenOutcome.Refused(
                $"The extension {token.ExtensionName} determines which modules its tokens may use, so you can't change them.");
        var before = ModulesOf(token);
        Grant(token, new ModuleChoice(false, moduleIds), actor, now);
        if (ModulesOf(token) is var after && after != before)
            audit.Add(
                context, actor, AuditAction.TokenUpdated, token.Handle, token.Name,
                new Dictionary<string, object?> { ["modules"] = new { before, after } });
        return new TokenOutcome.Done(token.Handle);
    }

    /// <summary>The modules of the catalog that the token may use.</summary>
    private List<string> OfferedModules(Token token)
    {
        var granted = token.Permissions.Select(permission => permission.ModuleId).ToHashSet();
        return [.. catalog.Modules.Select(module => module.Id).Where(id => token.AllModules || granted.Contains(id))];
    }

    /// <summary>An actor that can change a token can get its key or let others use it. An actor that is limited to some
    /// modules can therefore change only tokens that have no others. A token may always change itself.</summary>
    /// <remarks>Grants of modules that the catalog no longer contains count too, because they would apply again if the module returns.</remarks>
    /// <returns>Null: the token is within reach.</returns>
    private static TokenOutcome.Forbidden? Reach(Actor actor, Token token)
    {
        var isItself = actor.Kind == ActorKind.Token && actor.Id == token.Handle;
        if (actor.OnlyModules is not { } own || isItself)
            return null;
        if (token.AllModules)
            return new($"The token {token.Handle} may use all modules, and {actor.Id} may not. Only a token with all modules can change it.");
        var more = token.Permissions.Select(permission => permission.ModuleId).Where(id => !own.Contains(id)).Order(StringComparer.Ordinal).ToList();
        return more.Count == 0 ? null : new(
            $"The token {token.Handle} may use modules that {actor.Id} may not: {string.Join(", ", more)}. Only a token that has them too can change it.");
    }

    /// <summary>Whether the actor could change the token now. Checked before the response to an earlier change is repeated.</summary>
    /// <returns>Null: the token is within reach, or there is none.</returns>
    public async Task<TokenOutcome.Forbidden?> CheckReachAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var token = await context.Tokens.AsNoTracking().Include(token => token.Permissions)
            .SingleOrDefaultAsync(token => token.AccountId == actor.AccountId && token.Handle == handle, cancellation);
        return await CheckCallerAsync(context, actor, cancellation) ?? (token is null ? null : Reach(actor, token));
    }

    /// <returns>Why the actor can't grant the modules; null: it has all of them.</returns>
    private static string? CheckGrantable(Actor actor, ModuleChoice choice) =>
        actor.OnlyModules is not { } own ? null
        : choice.AllModules ? $"The token {actor.Id} does not have all modules, so it can't grant them."
        : choice.ModuleIds.Where(id => !own.Contains(id)).ToList() is { Count: > 0 } more
            ? $"The token {actor.Id} does not have these modules itself, so it can't grant them: {string.Join(", ", more)}."
            : null;

    private string? CheckModules(ModuleChoice choice, bool noneIsFine = false)
    {
        if (choice.AllModules)
            return null;
        var gone = choice.ModuleIds.Where(id => catalog.FindModule(id) is null).ToList();
        return gone.Count > 0 ? Texts.TokenRules_ModulesGone.With(string.Join(", ", gone))
            : choice.ModuleIds.Count == 0 && !noneIsFine ? Texts.TokenRules_ModulesMissing
            : null;
    }

    /// <summary>Sets the permissions of the token to <paramref name="choice"/>. An existing grant keeps its
    /// date. A module that the catalog no longer contains stays unchanged.</summary>
    private void Grant(Token token, ModuleChoice choice, Actor actor, DateTime now)
    {
        var wanted = choice.AllModules
            ? new Dictionary<string, string> { [TokenPermission.AllModules] = TokenPermission.AllModules }
            : choice.ModuleIds.Select(id => catalog.FindModule(id)!).DistinctBy(module => module.Id).ToDictionary(module => module.Id, module => module.Name);
        token.Permissions.RemoveAll(permission => !wanted.ContainsKey(permission.ModuleId) &&
            (permission.ModuleId == TokenPermission.AllModules || choice.AllModules || catalog.FindModule(permission.ModuleId) is not null));
        foreach (var (id, name) in wanted.Where(module => token.Permissions.All(permission => permission.ModuleId != module.Key)))
            token.Permissions.Add(new TokenPermission
            {
                ModuleId = id, ModuleName = name, GrantedAt = now, GrantedById = actor.Id, GrantedByName = actor.Name,
            });
        token.AllModules = choice.AllModules;
    }

    /// <summary>The modules that the extension sets, or those that the caller selected.</summary>
    internal static ModuleChoice GrantFor(Extension? extension, ModuleChoice picked) => extension?.Permissions switch
    {
        PermissionRule.All => ModuleChoice.All,
        PermissionRule.Fixed => new ModuleChoice(false, [.. extension.Modules.Select(module => module.Id)]),
        _ => picked,
    };
}
