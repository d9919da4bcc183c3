namespace Portal.Statistics.Export;

/// <summary>Which requests are exported.</summary>
public sealed class RequestExportOptions
{
    /// <summary>Whether requests are exported.</summary>
    public bool Enabled { get; set; }

    /// <summary>The part of the requests that is exported, chosen at random: more than 0, and at most 1.</summary>
    public double Ratio { get; set; } = 1;

    /// <summary>Whether the client's address is part of a record.</summary>
    public bool Addresses { get; set; }
}
