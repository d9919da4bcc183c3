namespace Portal.Access;

/// <summary>Decides whether an actor may act now. Every service method that takes an <see cref="Actor"/> calls it first.</summary>
/// <remarks>The actor of a browser tab may be hours old, so users are compared with the current values in the database. The actor of a token
/// is created for one request, after its key was checked.</remarks>
public sealed class AccessControl(UserStates users)
{
    /// <exception cref="SessionEndedException">The person's session has ended.</exception>
    /// <exception cref="AccessDeniedException">The actor's role is below <paramref name="role"/>.</exception>
    public async ValueTask RequireAsync(Actor actor, Role role, CancellationToken cancellation = default)
    {
        if (!await IsCurrentAsync(actor, cancellation))
            throw new SessionEndedException();
        actor.Require(role);
    }

    /// <summary>Whether the session of the actor is still valid.</summary>
    public async ValueTask<bool> IsCurrentAsync(Actor actor, CancellationToken cancellation = default) =>
        actor.Kind != ActorKind.User || (await users.GetAsync(actor.Id, cancellation) is { } state && state.IsSessionValid(actor));
}
