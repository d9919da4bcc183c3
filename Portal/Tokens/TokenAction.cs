using Portal.Access;
using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.Tokens;

/// <summary>A kind of change to one token, such as <see cref="Disable"/>: everything that the service, the screens and the API must know
/// of it.</summary>
/// <remarks>To add one: write its method in <see cref="TokenService"/>, declare it in <c>TokenAction.Declared.cs</c>, and list it in
/// <see cref="All"/> and, if people find it in the menus of tokens, in <see cref="Menu"/>.</remarks>
public sealed partial class TokenAction
{
    private readonly Func<string> _label;

    private TokenAction(string name, Func<string> label) => (Name, _label) = (name, label);

    /// <summary>The verb in the log.</summary>
    public string Name { get; }

    /// <summary>The verb on buttons.</summary>
    public string Label => _label();

    /// <summary>The API's word for it: the last segment of its path, and its name among the bulk actions.</summary>
    public required string WireName { get; init; }

    /// <summary>Under which it is written to the audit. Stable, because people search for it.</summary>
    public required string AuditCode { get; init; }

    /// <summary>The least role that may do it.</summary>
    public Role Role { get; init; } = Role.Operator;

    /// <summary>Whether it makes sense for a token in that state. The service decides again when it is done. Never asked about a deleted token.</summary>
    public Func<TokenState, bool> IsOffered { get; init; } = _ => true;

    /// <summary>Does it.</summary>
    public required TokenActionRun Run { get; init; }

    /// <summary>The input for the key that the action creates; null if it creates none.</summary>
    public NewKeyInput? NewKey { get; init; }

    public bool MakesKey => NewKey is not null;

    /// <summary>Whether a token is already as the action leaves it; null: it changes the token each time.</summary>
    public Func<TokenRecord, bool>? IsDone { get; init; }

    /// <summary>It can't be undone; menus mark it.</summary>
    public bool IsFinal { get; init; }

    /// <summary>Beside its label in menus: an SVG path of the material icons.</summary>
    public string Icon { get; init; } = "";

    /// <summary>The question of the confirmation; null if the action has a dialog of its own, or needs no confirmation.</summary>
    public TokenActionQuestion? Question { get; init; }

    /// <summary>The message after the action; <c>{0}</c> is the token's name. Empty if its own dialog shows it.</summary>
    public string DoneMessage => Done();

    /// <summary>Looks up <see cref="DoneMessage"/> in the reader's language.</summary>
    internal Func<string> Done { private get; init; } = () => "";

    /// <summary>Its title in the API's document.</summary>
    public required string Summary { get; init; }

    /// <summary>Its description in the API's document, in Markdown.</summary>
    public required string Description { get; init; }

    /// <summary>For the log.</summary>
    public override string ToString() => Name;
}

/// <summary>Does an action to a token, by a method of the service.</summary>
/// <param name="handle">The token's.</param>
public delegate Task<TokenOutcome> TokenActionRun(
    TokenService tokens, Actor actor, string handle, TokenActionArguments arguments, CancellationToken cancellation);

/// <summary>The input of an action besides the token. Actions that create no key use only the condition.</summary>
public sealed record TokenActionArguments
{
    /// <summary>When the new key ends, UTC; null: never.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>For how long the present key still works; null: it ends at once.</summary>
    public TimeSpan? Overlap { get; init; }

    /// <summary>To be remembered with the change; null: need not be.</summary>
    public IdempotentResponseToStore? Call { get; init; }

    /// <summary>Which versions of the token it may be done to; null: any.</summary>
    public VersionCondition? Condition { get; init; }
}

/// <summary>The input that a client may or must send for the key that an action creates.</summary>
/// <param name="RequiresExpiration">False: without an expiration, the new key ends when the present one would have.</param>
/// <param name="TakesOverlap">Whether the client may say for how long the present key still works.</param>
public sealed record NewKeyInput(bool RequiresExpiration, bool TakesOverlap);

/// <summary>A question before an action that can break a client. In the texts, <c>{0}</c> is the token's name. They are looked up when they
/// are shown, in the reader's language.</summary>
public sealed class TokenActionQuestion(Func<string> title, Func<string> consequence, Func<string> button)
{
    public string Title => title();

    /// <summary>The effect on the token's keys.</summary>
    public string Consequence => consequence();

    /// <summary>Agrees.</summary>
    public string Button => button();

    /// <summary>Whether the action affects only the previous key: the dialog then shows the last use of that key, not of the token.</summary>
    public bool IsAboutPreviousKey { get; init; }

    /// <summary>How it is offered for the tokens that the token created, which go on working without it; null: it is not.</summary>
    public DescendantsOffer? Descendants { get; init; }
}

/// <summary>An action that is offered for created tokens too.</summary>
/// <param name="Concerns">Whether there is something to do for a token in that state.</param>
/// <param name="Texts">Looks up the texts in the reader's language.</param>
public sealed record DescendantsOffer(Func<StoredStatus, bool> Concerns, Func<DescendantsTexts> Texts);

/// <summary>The texts of the dialog that offers an action for created tokens too.</summary>
public sealed record DescendantsTexts
{
    /// <summary>Asks about a single created token.</summary>
    public required string QuestionOne { get; init; }

    /// <summary>Asks about several created tokens; <c>{0}</c> is their number.</summary>
    public required string QuestionOther { get; init; }

    /// <summary>The label of the box that selects all of them.</summary>
    public required string ChooseAll { get; init; }

    /// <summary>Agrees, if created tokens are selected; <c>{0}</c> is the number of all tokens that change.</summary>
    public required string Button { get; init; }

    /// <summary>The title when no token was changed.</summary>
    public required string DoneNone { get; init; }

    /// <summary>The title when all tokens were changed.</summary>
    public required string DoneAll { get; init; }

    /// <summary>The title when <c>{0}</c> of <c>{1}</c> tokens were changed.</summary>
    public required string DoneSome { get; init; }

    /// <summary>The result for one token.</summary>
    public required string DoneEach { get; init; }
}
