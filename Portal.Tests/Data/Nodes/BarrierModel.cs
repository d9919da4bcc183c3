namespace Portal.Tests.Data.Nodes;

/// <summary>The protocol of <c>Portal/Data/Nodes</c> as a set of steps, of which any that is possible may be the next.</summary>
internal sealed class BarrierModel(Fault fault)
{
    /// <summary>The lease in ticks. With exact clocks, no margin is necessary.</summary>
    private const byte Lease = 2;

    private readonly List<(string Name, BarrierState State)> _next = [];

    /// <summary>All steps that are possible in the state. The list is valid until the next call.</summary>
    public IReadOnlyList<(string Name, BarrierState State)> StepsOf(in BarrierState state)
    {
        _next.Clear();
        Tick(state);
        Follow(state);
        Lose(state);
        ExecuteLate(state);
        Change(state);
        Watch(state);
        Load(state);
        Request(state);
        return _next;
    }

    private void Tick(BarrierState s)
    {
        (s.Lease, s.NextLease, s.Wait) = (Less(s.Lease), Less(s.NextLease), Less(s.Wait));
        (s.Silence, s.SilenceFromQuestion) = (Less(s.Silence), Less(s.SilenceFromQuestion));
        Add("time passes", s);
    }

    private void Follow(BarrierState s)
    {
        switch (s.Node)
        {
            case NodeStep.Out:
                Add("node sends join", s with { Node = NodeStep.JoinSent });
                break;
            case NodeStep.JoinSent:
                Add("join is executed", Join(s with { Node = NodeStep.JoinExecuted }));
                break;
            case NodeStep.JoinExecuted:
                Add("join is answered", s with { Node = NodeStep.Joined, MustDrop = true, Lease = fault == Fault.ReadBeforeJoin ? s.NextLease : s.Lease });
                break;
            case NodeStep.Joined:
                Add("node sends read", s with
                {
                    Node = NodeStep.ReadSent,
                    NextLease = Lease,
                    Memory = s.Memory && !(fault == Fault.DropBeforeRead && s.MustDrop),
                });
                break;
            case NodeStep.ReadSent:
                Add("read is executed", s with { Node = NodeStep.ReadExecuted, ReadIncludesChange = s.Committed });
                // Without the fault, a gap has the same effect as the change itself: both empty the memory.
                if (s is { Committed: true, HasRead: false } && fault == Fault.IgnoreGap)
                    Add("read with gap is executed", s with { Node = NodeStep.ReadExecuted, ReadIncludesChange = true, ReadHasGap = true });
                break;
            case NodeStep.ReadExecuted:
                Add("node applies changes", Apply(s));
                break;
            case NodeStep.Applied:
                Add("node sends renewal", s with { Node = NodeStep.RenewSent, NextLease = fault == Fault.LeaseFromRenewal ? Lease : s.NextLease });
                break;
            case NodeStep.RenewSent:
                Add("renewal is executed", IsRenewable(s) ? Renew(s, s.HasRead) with { Node = NodeStep.Renewed } : s with { Node = NodeStep.NotRenewed });
                break;
            case NodeStep.Renewed:
                Add("renewal is answered", Trust(s));
                break;
            case NodeStep.NotRenewed:
                Add("node learns that it is dead", s with { Node = NodeStep.Out, Row = fault == Fault.ReviveRow ? s.Row : Row.None });
                break;
        }
    }

    /// <summary>A statement or its answer is lost, for instance because another server takes over: the node is in doubt and begins again.</summary>
    private void Lose(BarrierState s)
    {
        if (s.Node is NodeStep.JoinSent or NodeStep.JoinExecuted)
            // The row that may exist isn't used: the next one gets another ID.
            Add("join is lost", s with
            {
                Node = NodeStep.Out,
                Row = fault == Fault.ReviveRow ? s.Row : Row.None,
                LateJoin = fault == Fault.ReviveRow && s.Node == NodeStep.JoinSent,
            });
        else if (s.Node is NodeStep.ReadSent or NodeStep.ReadExecuted or NodeStep.Renewed or NodeStep.NotRenewed)
            Add("answer is lost", s with { Node = NodeStep.Joined, MustDrop = true });
        else if (s.Node == NodeStep.RenewSent)
            Add("renewal is lost", s with { Node = NodeStep.Joined, MustDrop = true, LateRenewal = true, LateRenewalConfirms = s.HasRead });
        if (s.Node != NodeStep.Out)
            Add("node is killed and starts again", s with
            {
                Node = NodeStep.Out,
                Row = Row.None,
                RowConfirms = false,
                Lease = 0,
                NextLease = 0,
                Memory = false,
                HasRead = false,
                MustDrop = false,
                Load = LoadStep.None,
                Request = RequestStep.None,
                LateRenewal = false,
                LateJoin = false,
                Watched = Seen.Nothing,
                Answer = Seen.Nothing,
            });
    }

    private void ExecuteLate(BarrierState s)
    {
        if (s.LateRenewal)
            Add("late renewal is executed", (IsRenewable(s) ? Renew(s, s.LateRenewalConfirms) : s) with { LateRenewal = false });
        if (s.LateJoin)
            Add("late join is executed", Join(s) with { LateJoin = false });
    }

    private void Change(BarrierState s)
    {
        if (s.Barrier == BarrierStep.Before)
            Add("change is committed", s with
            {
                Barrier = BarrierStep.Waiting,
                Wait = fault == Fault.ShortWait ? (byte)(Lease - 1) : Lease,
            });
        if (s is { Barrier: BarrierStep.Before, NodeWasAbsent: false } && fault == Fault.NodesBeforeCommit && s.Row != Row.Live)
            Add("barrier lists nodes", s with { NodeWasAbsent = true });
        if (s.Barrier == BarrierStep.Waiting && s.Row == Row.Live && s.RowConfirms)
            Add("call returns: confirmed", s with { Barrier = BarrierStep.Returned });
        if (s.Barrier == BarrierStep.Waiting && (s.Row != Row.Live || s.NodeWasAbsent))
            Add("call returns: no live node", s with { Barrier = BarrierStep.Returned });
        if (s.Barrier == BarrierStep.Waiting && s.Watched != Seen.Nothing && s.Silence == 0 && fault == Fault.ReturnWhenSilent)
            Add("call returns: node is silent", s with { Barrier = BarrierStep.Returned });
        if (s is { Barrier: BarrierStep.Waiting, Wait: 0 })
            Add("call returns: lease over", s with { Barrier = BarrierStep.Returned });
    }

    private void Watch(BarrierState s)
    {
        if (s.Watch == WatchStep.Idle)
            Add("watcher asks", s with { Watch = WatchStep.Asked, SilenceFromQuestion = Lease });
        else if (s.Watch == WatchStep.Asked)
            Add("rows are read", s with { Watch = WatchStep.Executed, Answer = s.Row == Row.Live ? Seen.Current : Seen.Nothing });
        else
            Add("watcher is answered", s with
            {
                Watch = WatchStep.Idle,
                Watched = s.Answer,
                Silence = s is { Answer: Seen.Current, Watched: Seen.Current } ? s.Silence
                    : fault == Fault.SilentSinceQuestion ? s.SilenceFromQuestion : Lease,
            });
        if (s.Watched != Seen.Nothing && s.Silence == 0)
            Add("watcher declares dead", s with
            {
                Watched = Seen.Nothing,
                Row = s.Row == Row.Live && (s.Watched == Seen.Current || fault == Fault.DeclareRegardless) ? Row.Dead : s.Row,
            });
    }

    private void Load(BarrierState s)
    {
        if (s is { Load: LoadStep.None, Memory: false, Lease: > 0 })
            Add("load begins", s with { Load = LoadStep.Begun, LoadIsOutdated = false });
        else if (s.Load == LoadStep.Begun)
            Add("load is executed", s with { Load = s.Committed ? LoadStep.None : LoadStep.ReadBeforeChange });
        else if (s.Load == LoadStep.ReadBeforeChange)
            Add("load ends", s with { Load = LoadStep.None, Memory = s.Memory || !s.LoadIsOutdated || fault == Fault.KeepLateReads });
    }

    /// <summary>Requests that don't trust the memory read the database, and see the change.</summary>
    private void Request(BarrierState s)
    {
        if (s is { Request: RequestStep.None, Barrier: BarrierStep.Returned })
            Add("request begins", s with { Request = RequestStep.Begun });
        else if (s.Request == RequestStep.Begun && fault == Fault.MemoryBeforeLease)
            Add("request looks into memory", s with { Request = s.Memory ? RequestStep.FoundInMemory : RequestStep.None });
        else if (s.Request == RequestStep.Begun)
            Add(s.Lease > 0 ? "request trusts memory" : "request reads database", s with { Request = s.Lease > 0 ? RequestStep.LeaseChecked : RequestStep.None });
        else if (s.Request == RequestStep.LeaseChecked)
            Add("request looks into memory", s with { Request = RequestStep.None, AcceptedLate = s.Memory });
        else if (s.Request == RequestStep.FoundInMemory)
            Add("request checks lease", s with { Request = RequestStep.None, AcceptedLate = s.Lease > 0 });
    }

    private BarrierState Join(BarrierState s)
    {
        if (fault == Fault.ReviveRow && s.Row != Row.None)
            return s with { Row = Row.Live, Watched = Outdated(s.Watched), Answer = Outdated(s.Answer) };
        return s with { Row = Row.Live, RowConfirms = false, LateRenewal = false, Watched = Seen.Nothing, Answer = Seen.Nothing };
    }

    private BarrierState Apply(BarrierState s)
    {
        var drops = (s.MustDrop && fault != Fault.DropBeforeRead) || (s is { ReadIncludesChange: true, HasRead: false } && !(s.MustDrop && fault == Fault.DropBeforeRead));
        if (s.ReadHasGap && fault == Fault.IgnoreGap)
            drops = s.MustDrop;
        var applied = s with { Node = NodeStep.Applied, HasRead = s.ReadIncludesChange };
        if (fault == Fault.ConfirmBeforeApply)
            return applied;
        return (drops ? Drop(applied) : applied) with { MustDrop = false };
    }

    private BarrierState Trust(BarrierState s)
    {
        var trusting = s with { Node = NodeStep.Joined, Lease = fault == Fault.LeaseFromAnswer ? Lease : s.NextLease };
        return fault == Fault.ConfirmBeforeApply ? Drop(trusting) with { MustDrop = false } : trusting;
    }

    private static BarrierState Drop(BarrierState s) => s with { Memory = false, LoadIsOutdated = s.Load != LoadStep.None };

    private bool IsRenewable(in BarrierState s) => s.Row == Row.Live || (s.Row == Row.Dead && fault == Fault.RenewThoughDead);

    private static BarrierState Renew(BarrierState s, bool confirms) => s with
    {
        RowConfirms = s.RowConfirms || confirms,
        Watched = Outdated(s.Watched),
        Answer = Outdated(s.Answer),
    };

    private static Seen Outdated(Seen seen) => seen == Seen.Current ? Seen.Outdated : seen;

    private static byte Less(byte ticks) => (byte)Math.Max(0, ticks - 1);

    private void Add(string name, BarrierState state)
    {
        Normalize(ref state);
        _next.Add((name, state));
    }

    /// <summary>Resets what no later step reads: states that differ in nothing else are the same.</summary>
    private void Normalize(ref BarrierState s)
    {
        s.RowConfirms &= s.Row == Row.Live;
        s.NextLease = s.Node is NodeStep.Out or NodeStep.Joined or NodeStep.NotRenewed && fault != Fault.ReadBeforeJoin ? (byte)0 : s.NextLease;
        s.ReadIncludesChange &= s.Node == NodeStep.ReadExecuted;
        s.ReadHasGap &= s.Node == NodeStep.ReadExecuted;
        s.LateRenewalConfirms &= s.LateRenewal;
        if (s.LoadIsOutdated && fault != Fault.KeepLateReads)
            s.Load = LoadStep.None;
        s.LoadIsOutdated &= s.Load != LoadStep.None;
        s.SilenceFromQuestion = fault == Fault.SilentSinceQuestion && s.Watch != WatchStep.Idle ? s.SilenceFromQuestion : (byte)0;
        if (fault is not (Fault.DeclareRegardless or Fault.ReturnWhenSilent))
            // Nobody is declared dead by a number that is outdated.
            (s.Watched, s.Answer) = (s.Watched == Seen.Outdated ? Seen.Nothing : s.Watched, s.Answer == Seen.Outdated ? Seen.Nothing : s.Answer);
        s.Silence = s.Watched == Seen.Nothing ? (byte)0 : s.Silence;
        s.Wait = s.Barrier == BarrierStep.Waiting ? s.Wait : (byte)0;
    }
}
