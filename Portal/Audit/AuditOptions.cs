using System.ComponentModel.DataAnnotations;

namespace Portal.Audit;

/// <summary>The section <c>Audit</c> of the configuration.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>The number of days for which entries are kept; 0: forever.</summary>
    [Range(0, 36_500, ErrorMessage = $"{Section}:{nameof(RetentionDays)} must be from 0 to 36500.")]
    public int RetentionDays { get; set; }

    /// <summary>The file to which the newest hash is appended every hour; empty: none. It should be on another disk than the database, to which only
    /// appending is allowed.</summary>
    public string AnchorFile { get; set => field = value ?? ""; } = "";

    public StreamOptions Stream { get; set => field = value ?? new(); } = new();

    /// <summary>The stream of entries to the collector of the section <c>Telemetry:Otlp</c>.</summary>
    public sealed class StreamOptions
    {
        /// <summary>Whether entries are sent.</summary>
        public bool Enabled { get; set; }

        /// <summary>Where the stream starts when it is enabled for the first time. After that, it continues after the last entry that was confirmed.</summary>
        public AuditStreamStart From { get; set; }
    }
}

/// <summary>Where the stream of audit entries starts.</summary>
public enum AuditStreamStart
{
    /// <summary>With the next entry.</summary>
    Now,

    /// <summary>With the oldest entry that is stored.</summary>
    Beginning,
}
