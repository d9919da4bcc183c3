namespace Portal.Access;

/// <summary>Decides whether an actor may act now: the first call of every service method that takes an <see cref="Actor"/>.</summary>
/// <remarks>An actor of a browser tab may be hours old, so a person is compared with what the database says at present. A token's
/// actor is made for one request, by the gate that has just checked its key.</remarks>
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

    /// <summary>Whether the session that the actor belongs to still stands.</summary>
    public async ValueTask<bool> IsCurrentAsync(Actor actor, CancellationToken cancellation = default) =>
        actor.Kind != ActorKind.User || (await users.GetAsync(actor.Id, cancellation) is { } state && state.Admits(actor));
}
