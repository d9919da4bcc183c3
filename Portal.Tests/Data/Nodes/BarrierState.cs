using System.Runtime.InteropServices;

namespace Portal.Tests.Data.Nodes;

/// <summary>A fault that is built into the model on purpose, to show that the exploration finds it.</summary>
public enum Fault
{
    None,

    /// <summary>A node that was declared dead joins again after it has read the changes, and trusts that read.</summary>
    ReadBeforeJoin,

    /// <summary>A node that was declared dead makes its row live again instead of inserting a new one.</summary>
    ReviveRow,

    /// <summary>The lease begins when the renewal is answered.</summary>
    LeaseFromAnswer,

    /// <summary>The lease begins when the renewal is sent, not before the read that it follows.</summary>
    LeaseFromRenewal,

    /// <summary>A renewal succeeds although the node was declared dead.</summary>
    RenewThoughDead,

    /// <summary>A node says that it has applied a change before it does so.</summary>
    ConfirmBeforeApply,

    /// <summary>In doubt, a node empties its memory before it reads the number from which it continues.</summary>
    DropBeforeRead,

    /// <summary>A node skips numbers that are missing in the log.</summary>
    IgnoreGap,

    /// <summary>A read that began before a change stores its result after the change was applied.</summary>
    KeepLateReads,

    /// <summary>A request looks into memory first and checks the lease then.</summary>
    MemoryBeforeLease,

    /// <summary>The barrier takes the list of nodes before the change is committed.</summary>
    NodesBeforeCommit,

    /// <summary>The barrier waits for less time than a lease.</summary>
    ShortWait,

    /// <summary>A node is silent since the time when it was asked for, not since the answer.</summary>
    SilentSinceQuestion,

    /// <summary>A node is declared dead although it has renewed its lease since.</summary>
    DeclareRegardless,

    /// <summary>A change returns when the node was silent for a lease, although its renewal may be on the way.</summary>
    ReturnWhenSilent,
}

/// <summary>What the follower of the node does. Each statement has three steps: sent, executed by the database, answered. All delays are
/// possible between two steps, including a process that is stopped and resumed.</summary>
internal enum NodeStep : byte { Out, JoinSent, JoinExecuted, Joined, ReadSent, ReadExecuted, Applied, RenewSent, Renewed, NotRenewed }

/// <summary>The row of the node. A row that is dead never becomes live again.</summary>
internal enum Row : byte { None, Live, Dead }

/// <summary>The barrier: the change isn't committed yet; it waits; the call has returned.</summary>
internal enum BarrierStep : byte { Before, Waiting, Returned }

/// <summary>A read of the token by a request whose key isn't in memory.</summary>
internal enum LoadStep : byte { None, Begun, ReadBeforeChange }

/// <summary>A request that began after the call returned.</summary>
internal enum RequestStep : byte { None, Begun, FoundInMemory, LeaseChecked }

internal enum WatchStep : byte { Idle, Asked, Executed }

/// <summary>How a number of the row that was read relates to the present one.</summary>
internal enum Seen : byte { Nothing, Outdated, Current }

/// <summary>A state of the database, one node, the process that changes a token, a process that watches the node, and the requests.</summary>
/// <remarks>Nodes don't influence each other, and the barrier waits for each: one node is enough. Time passes in ticks. All times are counted down, so
/// there is a finite number of states although runs have no end.</remarks>
internal record struct BarrierState
{
    // The database.
    public Row Row;
    public bool RowConfirms;

    // The node: its lease, and the lease that the present cycle would give. The memory contains the token as it was before the change.
    public NodeStep Node;
    public byte Lease, NextLease;
    public bool Memory, HasRead, MustDrop, ReadIncludesChange, ReadHasGap;
    public LoadStep Load;
    public bool LoadIsOutdated;
    public RequestStep Request;

    // Statements that the node has given up, and that the database may execute later.
    public bool LateRenewal, LateRenewalConfirms, LateJoin;

    public BarrierStep Barrier;
    public byte Wait;
    public bool NodeWasAbsent;

    public WatchStep Watch;
    public Seen Answer, Watched;
    public byte Silence, SilenceFromQuestion;

    /// <summary>A request that began after the call returned was accepted.</summary>
    public bool AcceptedLate;

    public readonly bool Committed => Barrier != BarrierStep.Before;

    public readonly bool Equals(BarrierState other) => Bytes(this).SequenceEqual(Bytes(other));

    public override readonly int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes(this));
        return hash.ToHashCode();
    }

    private static ReadOnlySpan<byte> Bytes(in BarrierState state) => MemoryMarshal.AsBytes(new ReadOnlySpan<BarrierState>(in state));
}
