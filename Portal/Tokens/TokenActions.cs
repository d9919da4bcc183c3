using Portal.Access;
using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.Tokens;

/// <summary>The state of a token that decides which actions are offered.</summary>
/// <param name="ExpiresAt">When the newest secret ends; null: never.</param>
/// <param name="PreviousLives">Whether the secret before the newest one is still accepted, or would be if the token were enabled.</param>
/// <param name="IsScheduled">Whether the token is pending and will start by itself.</param>
public readonly record struct TokenState(StoredStatus Stored, DateTime? ExpiresAt, bool PreviousLives, bool IsScheduled = false);

/// <summary>The actions that an actor may take on a token in its current state. Menus offer these actions, and services allow them.</summary>
public sealed class TokenActions
{
    private readonly HashSet<TokenAction> _allowed;

    private TokenActions(Actor actor, TokenState token)
    {
        var alive = token.Stored != StoredStatus.Deleted;
        Edit = Reveal = alive && actor.May(Role.Operator);
        Duplicate = actor.May(Role.Operator);
        _allowed = [.. TokenAction.All.Append(TokenAction.Restore).Where(action => action.IsForDeleted != alive && actor.May(action.Role) && action.IsOffered(token))];
    }

    /// <summary>Whether its fields can be changed.</summary>
    public bool Edit { get; }

    /// <summary>Whether its keys can be viewed and copied.</summary>
    public bool Reveal { get; }

    /// <summary>Whether a token like it can be created. This changes nothing about the token itself, so it is allowed for a deleted one, too.</summary>
    public bool Duplicate { get; }

    /// <summary>The allowed actions, in the order of the menu.</summary>
    public IEnumerable<TokenAction> InMenu => TokenAction.Menu.Where(Allows);

    public bool Any => Edit || Duplicate || InMenu.Any();

    public bool Allows(TokenAction action) => _allowed.Contains(action);

    /// <summary>Returns the actions for a token that was loaded.</summary>
    public static TokenActions For(Actor actor, TokenDetails token) => For(
        actor, token.StoredStatus, token.ExpiresAt, previousLives: token.LiveSecrets.Any(secret => secret.Slot == KeySlot.Previous), token.StartsAt is not null);

    /// <inheritdoc cref="TokenState"/>
    internal static TokenActions For(Actor actor, StoredStatus stored, DateTime? expiresAt, bool previousLives, bool isScheduled = false) =>
        new(actor, new TokenState(stored, expiresAt, previousLives, isScheduled));
}
