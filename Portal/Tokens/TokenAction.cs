using Portal.Access;
using Portal.Data;
using Portal.Tokens.Approvals;
using Portal.Tokens.Reading;

namespace Portal.Tokens;

/// <summary>A kind of change to one token, such as <see cref="Disable"/>, with everything that the service, the pages and the API need to know
/// about it.</summary>
/// <remarks>To add an action: write its method in <see cref="TokenService"/>, declare it in <c>TokenAction.Declared.cs</c>, and add it to
/// <see cref="All"/> and, if the menus of tokens should contain it, to <see cref="Menu"/>.</remarks>
public sealed partial class TokenAction
{
    private readonly Func<string> _label;

    private TokenAction(string name, Func<string> label) => (Name, _label) = (name, label);

    /// <summary>The name in logs.</summary>
    public string Name { get; }

    /// <summary>The label of buttons.</summary>
    public string Label => _label();

    /// <summary>The name in the API: the last segment of its path, and its name in bulk requests.</summary>
    public required string WireName { get; init; }

    /// <summary>The code of its audit entries. It must not change, because users search for it.</summary>
    public required string AuditCode { get; init; }

    /// <summary>The lowest role that allows the action.</summary>
    public Role Role { get; init; } = Role.Operator;

    /// <summary>Whether a person must have proved recently who they are.</summary>
    public bool NeedsProof { get; init; }

    /// <summary>Whether the action is for deleted tokens, and only for these.</summary>
    public bool IsForDeleted { get; init; }

    /// <summary>Whether to offer the action for a token in this state. The service checks again. Called for a deleted token only if the action is for
    /// these.</summary>
    public Func<TokenState, bool> IsOffered { get; init; } = _ => true;

    /// <summary>Runs the action.</summary>
    public required TokenActionRun Run { get; init; }

    /// <summary>The input for the key that the action creates; null if it creates none.</summary>
    public NewKeyInput? NewKey { get; init; }

    public bool MakesKey => NewKey is not null;

    /// <summary>Whether a token already is as the action leaves it; null: the action always changes the token.</summary>
    public Func<TokenRecord, bool>? IsDone { get; init; }

    /// <summary>The action that undoes it, offered for a short time; null: none is.</summary>
    public TokenAction? Undo { get; init; }

    /// <summary>Whether the action ends the token. Menus highlight it.</summary>
    public bool IsFinal { get; init; }

    /// <summary>The SVG path of its icon in menus, from the Material icons.</summary>
    public string Icon { get; init; } = "";

    /// <summary>The question of the confirmation; null if the action has a dialog of its own, or needs no confirmation.</summary>
    public TokenActionQuestion? Question { get; init; }

    /// <summary>The message after the action; <c>{0}</c> is the token's name. Empty if its own dialog shows it.</summary>
    public string DoneMessage => Done();

    /// <summary>Looks up <see cref="DoneMessage"/> in the reader's language.</summary>
    internal Func<string> Done { private get; init; } = () => "";

    /// <summary>The title in the OpenAPI document.</summary>
    public required string Summary { get; init; }

    /// <summary>The description in the OpenAPI document, in Markdown.</summary>
    public required string Description { get; init; }

    /// <summary>Returns the name, for logs.</summary>
    public override string ToString() => Name;
}

/// <summary>Runs an action on a token by a method of the service.</summary>
/// <param name="handle">The handle of the token.</param>
public delegate Task<TokenOutcome> TokenActionRun(
    TokenService tokens, Actor actor, string handle, TokenActionArguments arguments, CancellationToken cancellation);

/// <summary>The input of an action besides the token. Actions that create no key use only the condition.</summary>
public sealed record TokenActionArguments
{
    /// <summary>When the new key expires, UTC; null: never.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>Why the new key has no expiration; null: the present reason.</summary>
    public string? PerpetualReason { get; init; }

    /// <summary>The time for which the current key keeps working; null: it ends immediately.</summary>
    public TimeSpan? Overlap { get; init; }

    /// <summary>The new owner.</summary>
    public OwnerChoice Owner { get; init; } = OwnerChoice.None;

    /// <summary>How to restore a deleted token.</summary>
    public TokenRestoration Restoration { get; init; } = new();

    /// <summary>Stores a request if the change needs approval; null: nothing is stored then.</summary>
    public ApprovalAsk? Ask { get; init; }

    /// <summary>The state before the deletion, to undo it; null: the action isn't an undo of one.</summary>
    internal FormerToken? Former { get; init; }

    /// <summary>The response to store with the change; null: none.</summary>
    public IdempotentResponseToStore? Call { get; init; }

    /// <summary>The versions of the token that may be changed; null: any.</summary>
    public VersionCondition? Condition { get; init; }
}

/// <summary>The input that a client may or must send for the key that an action creates.</summary>
/// <param name="RequiresExpiration">If false, the new key expires by default when the current key would have.</param>
/// <param name="TakesOverlap">Whether the client can set how long the current key keeps working.</param>
public sealed record NewKeyInput(bool RequiresExpiration, bool TakesOverlap);

/// <summary>A confirmation of an action that can break clients. In the texts, <c>{0}</c> is the token's name. They are looked up when they
/// are shown, in the user's language.</summary>
public sealed class TokenActionQuestion(Func<string> title, Func<string> consequence, Func<string> button)
{
    public string Title => title();

    /// <summary>The effect on the token's keys.</summary>
    public string Consequence => consequence();

    /// <summary>The label of the button that confirms.</summary>
    public string Button => button();

    /// <summary>Whether the action affects only the previous key: the dialog then shows the last use of that key, not of the token.</summary>
    public bool IsAboutPreviousKey { get; init; }

    /// <summary>Offers the action for tokens that the token created, because they keep working without it; null: not offered.</summary>
    public DescendantsOffer? Descendants { get; init; }
}

/// <summary>Offers an action for created tokens too.</summary>
/// <param name="Concerns">Whether the action would change a token in that state.</param>
/// <param name="Texts">Looks up the texts in the user's language.</param>
public sealed record DescendantsOffer(Func<StoredStatus, bool> Concerns, Func<DescendantsTexts> Texts);

/// <summary>The texts of the dialog that offers an action for created tokens too.</summary>
public sealed record DescendantsTexts
{
    /// <summary>The question about a single created token.</summary>
    public required string QuestionOne { get; init; }

    /// <summary>The question about several created tokens; <c>{0}</c> is their number.</summary>
    public required string QuestionOther { get; init; }

    /// <summary>The label of the check box that selects all of them.</summary>
    public required string ChooseAll { get; init; }

    /// <summary>The label of the button that confirms if created tokens are selected; <c>{0}</c> is the number of all tokens that change.</summary>
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
