using System.ComponentModel.DataAnnotations;

namespace Portal.Data.Nodes;

/// <summary>The section <c>Portal:Nodes</c> of the configuration. All nodes must have the same values.</summary>
public sealed class NodeOptions
{
    public const string SectionName = "Portal:Nodes";

    /// <summary>The time for which a node trusts its memory after it has read the changes: from 1 to 60 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00", ErrorMessage = "Portal:Nodes:Lease must be from 00:00:01 to 00:01:00.")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The time for which a node that can't reach the database continues to trust its memory after its lease: at most an hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Portal:Nodes:ServeWithoutDatabase must be from 00:00:00 to 01:00:00.")]
    public TimeSpan ServeWithoutDatabase { get; init; }

    /// <summary>The time between the first failure of the readiness check and the handover of the pages when a node stops while others are alive:
    /// at most 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00", ErrorMessage = "Portal:Nodes:DrainDelay must be from 00:00:00 to 00:05:00.")]
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The tolerance for clocks of different speed, on both sides.</summary>
    internal TimeSpan Margin => Lease / 50;

    /// <summary>The time for which a node trusts its memory, from before the read of the changes.</summary>
    internal TimeSpan Trust => Lease + ServeWithoutDatabase - Margin;

    /// <summary>The time after which a node that hasn't renewed its lease no longer trusts its memory, for everyone who watches it.</summary>
    internal TimeSpan Silence => Lease + ServeWithoutDatabase + Margin;

    /// <summary>The longest time that a change waits for the nodes.</summary>
    internal TimeSpan LongestWait => Lease + Margin;

    /// <summary>The longest time for a statement, so that one that hangs leaves time for another.</summary>
    internal TimeSpan StatementTimeout => TimeSpan.FromSeconds(Math.Min(2, Lease.TotalSeconds / 3));
}
