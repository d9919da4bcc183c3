using Portal.Access;
using Portal.Data;
using Portal.Policies;

namespace Portal.Tokens.Approvals;

/// <summary>A person's wish to have a change approved, if it needs approval.</summary>
/// <param name="Note">The explanation for administrators; null or empty: none.</param>
public sealed record ApprovalAsk(string? Note);

/// <summary>An administrator's consent to a request, with which <see cref="TokenService"/> makes the change.</summary>
/// <param name="Requester">The person who asked.</param>
/// <param name="Comment">The explanation of the decision; null: none.</param>
internal sealed record ApprovalGrant(long RequestId, Actor Requester, string? Comment)
{
    /// <inheritdoc cref="ApprovalContent.ReplacesKey"/>
    public long ReplacesKey { get; init; }
}

/// <summary>A change that can wait for approval.</summary>
/// <param name="Kind">The code of its audit entry.</param>
/// <param name="Handle">Null: a new token.</param>
internal sealed record ApprovalDraft(string Kind, string? Handle, string TokenName, string ExtensionId, ApprovalContent Content);

/// <summary>A request.</summary>
/// <param name="Kind">The requested change: the code of the change's audit entry, such as <c>token.created</c>.</param>
/// <param name="TokenHandle">Null: a new token that doesn't exist yet.</param>
/// <param name="Content">Null: it can't be read.</param>
/// <param name="Need">The rules that require approval.</param>
/// <param name="EndsAt">When it ends by itself, UTC.</param>
/// <param name="State">A request whose time is over counts as expired even before this is recorded.</param>
public sealed record ApprovalEntry(
    long Id, string Kind, string? TokenHandle, string TokenName, string ExtensionId, ApprovalContent? Content, ApprovalNeed Need, string? Note,
    string RequestedById, string RequestedByName, DateTime CreatedAt, DateTime EndsAt, ApprovalState State)
{
    public string? DecidedByName { get; init; }

    /// <summary>UTC; null: not decided.</summary>
    public DateTime? DecidedAt { get; init; }

    /// <summary>The explanation of the decision; null: none.</summary>
    public string? Comment { get; init; }

    public bool IsWaiting => State == ApprovalState.Waiting;
}

/// <summary>Some of the requests that a person may see, newest first.</summary>
/// <param name="Next">The older ones are those before this ID; null: there are none.</param>
public sealed record ApprovalSlice(IReadOnlyList<ApprovalEntry> Requests, long? Next);

/// <summary>The outcome of a decision about a request.</summary>
public abstract record ApprovalOutcome
{
    private ApprovalOutcome()
    {
    }

    /// <summary>The decision is stored. If it is an approval, the change is made and applies.</summary>
    public sealed record Done(ApprovalEntry Request) : ApprovalOutcome;

    /// <summary>The request no longer waits: it was withdrawn or decided, or its time is over. Nothing was changed.</summary>
    public sealed record Settled(ApprovalEntry Request) : ApprovalOutcome;

    /// <summary>The token isn't as the actor saw it. Nothing was changed.</summary>
    public sealed record Changed(ApprovalEntry Request) : ApprovalOutcome;

    /// <summary>The decision isn't possible. The message says why, and what to do. Nothing was changed.</summary>
    public sealed record Refused(string Message) : ApprovalOutcome;

    /// <summary>The person has no such request.</summary>
    public sealed record NotFound : ApprovalOutcome;
}

/// <summary>Tells people about requests.</summary>
public interface IApprovalNotices
{
    /// <summary>Adds mails to the administrators about a new request, which the caller saves in one transaction.</summary>
    Task AddRequestedAsync(PortalDbContext context, ApprovalRequest request, DateTime now, CancellationToken cancellation);

    /// <summary>Adds a mail to the requester about a request that no longer waits, which the caller saves in one transaction.</summary>
    Task AddDecidedAsync(PortalDbContext context, ApprovalRequest request, DateTime now, CancellationToken cancellation);
}
