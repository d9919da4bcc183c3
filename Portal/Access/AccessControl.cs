using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace Portal.Access;

/// <summary>Decides whether an actor may act now. Every service method that takes an <see cref="Actor"/> calls it first.</summary>
/// <remarks>The actor of a browser tab may be hours old, so users are compared with the current values in the database. The actor of a token
/// is created for one request, after its key was checked.</remarks>
public sealed partial class AccessControl(UserStates users, IOptions<UserSessionOptions> options, IDenialLog denials, TimeProvider clock, ILogger<AccessControl> logger)
{
    /// <param name="operation">What the actor tries, for the audit log; by default, the name of the calling method.</param>
    /// <param name="file">The source file of the caller, which is named after its class; empty: <paramref name="operation"/> is the whole name.</param>
    /// <exception cref="SessionEndedException">The person's session has ended.</exception>
    /// <exception cref="SecondFactorNeededException">The person must set up a second factor first.</exception>
    /// <exception cref="AccessDeniedException">The actor's role is below <paramref name="role"/>.</exception>
    public async ValueTask RequireAsync(
        Actor actor, Role role, CancellationToken cancellation = default, [CallerMemberName] string operation = "", [CallerFilePath] string file = "")
    {
        if (await RequireStateAsync(actor, cancellation) is { } state && state.IsSecondFactorOverdue(actor, clock.GetUtcNow().UtcDateTime))
            throw new SecondFactorNeededException();
        if (!actor.May(role))
            NoteRefused(actor, role, Describe(operation, file));
        actor.Require(role);
    }

    /// <summary>Does the same for what people do with their own profile, sessions and second factor. It stays allowed when a second factor is overdue:
    /// otherwise, they couldn't set one up.</summary>
    /// <exception cref="SessionEndedException">The person's session has ended.</exception>
    public async ValueTask RequireOwnAsync(Actor actor, CancellationToken cancellation = default) => await RequireStateAsync(actor, cancellation);

    /// <summary>Does the same for actions that do much harm in the wrong hands, such as viewing a key: a person must also have proved recently who they
    /// are, because someone else may use an open browser.</summary>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    /// <inheritdoc cref="RequireAsync"/>
    public async ValueTask RequireProofAsync(
        Actor actor, Role role, CancellationToken cancellation = default, [CallerMemberName] string operation = "", [CallerFilePath] string file = "")
    {
        await RequireAsync(actor, role, cancellation, operation, file);
        await RequireRecentProofAsync(actor, cancellation);
    }

    /// <summary>Combines <see cref="RequireOwnAsync"/> and <see cref="RequireProofAsync"/>.</summary>
    /// <exception cref="ProofNeededException">The latest proof is too old.</exception>
    public async ValueTask RequireOwnProofAsync(Actor actor, CancellationToken cancellation = default)
    {
        await RequireOwnAsync(actor, cancellation);
        await RequireRecentProofAsync(actor, cancellation);
    }

    private async ValueTask RequireRecentProofAsync(Actor actor, CancellationToken cancellation)
    {
        if (actor is not { Kind: ActorKind.User, SessionId: { } session } || options.Value.ProofMinutes == 0)
            return;
        var provedAt = (await users.GetAsync(actor.Id, cancellation))?.Sessions.GetValueOrDefault(session) ?? default;
        if (clock.GetUtcNow().UtcDateTime - provedAt >= TimeSpan.FromMinutes(options.Value.ProofMinutes))
            throw new ProofNeededException();
    }

    /// <summary>Whether the session of the actor is still valid.</summary>
    public async ValueTask<bool> IsCurrentAsync(Actor actor, CancellationToken cancellation = default) =>
        actor.Kind != ActorKind.User || (await users.GetAsync(actor.Id, cancellation) is { } state && state.IsSessionValid(actor));

    /// <returns>Null: the actor isn't a person.</returns>
    private async ValueTask<UserState?> RequireStateAsync(Actor actor, CancellationToken cancellation)
    {
        if (actor.Kind != ActorKind.User)
            return null;
        var state = await users.GetAsync(actor.Id, cancellation);
        return state?.IsSessionValid(actor) == true ? state : throw new SessionEndedException();
    }

    private void NoteRefused(Actor actor, Role needed, string operation)
    {
        denials.Note(actor, needed, operation);
        // Refused requests of tokens are counted as well.
        if (actor.Kind == ActorKind.User)
            LogRefused(actor.Id, actor.Role, needed);
    }

    /// <summary>Names the operation by its class and method, such as <c>IpRuleService.Remove</c>.</summary>
    private static string Describe(string operation, string file)
    {
        const string Asynchronous = "Async";
        if (file.Length == 0)
            return operation;
        var name = file[(file.LastIndexOfAny(['/', '\\']) + 1)..].Split('.')[0];
        return $"{name}.{(operation.EndsWith(Asynchronous, StringComparison.Ordinal) ? operation[..^Asynchronous.Length] : operation)}";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The user {UserId} with the role {Role} tried something that needs the role {Needed}, and was refused")]
    private partial void LogRefused(string userId, Role role, Role needed);
}
