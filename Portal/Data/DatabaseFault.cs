using Portal.Localization;

namespace Portal.Data;

/// <summary>Why the database cannot be used at present, and what an operator does about it.</summary>
/// <param name="What">The beginning of a sentence for programs and the log, which are English.</param>
/// <param name="Remedy">The same.</param>
/// <param name="RetryAfter">Seconds after which it is worth trying again.</param>
public sealed record DatabaseFault(string What, string Remedy, int RetryAfter)
{
    /// <summary>Another program has locked it.</summary>
    public static readonly DatabaseFault Held = new("Another program has locked Portal's database", "Stop it on the server", 10);

    /// <summary>More is asked of it than it can do.</summary>
    public static readonly DatabaseFault Crowded = new("Too many requests are waiting for Portal's database", "Wait a moment", 5);

    /// <summary>The disk has no space left.</summary>
    public static readonly DatabaseFault Full = new("The disk that holds Portal's database is full", "Free some space on the server", 60);

    /// <summary>The file is not writable.</summary>
    public static readonly DatabaseFault ReadOnly = new("Portal is not allowed to write to its database", "Give it write access on the server", 60);

    /// <summary>The disk fails.</summary>
    public static readonly DatabaseFault Unreadable = new("Portal's database cannot be read or written", "Check the server's disk", 60);

    /// <summary>For the person whose change could not be stored, in their language.</summary>
    public string Describe() =>
        this == Held ? Texts.DatabaseFault_Held
        : this == Crowded ? Texts.DatabaseFault_Crowded
        : this == Full ? Texts.DatabaseFault_Full
        : this == ReadOnly ? Texts.DatabaseFault_ReadOnly
        : Texts.DatabaseFault_Unreadable;
}

/// <summary>A read or a write got no turn in time, or too many wait already. Nothing was written.</summary>
/// <param name="isHeld">Whether another program's lock is the reason.</param>
public sealed class DatabaseBusyException(bool isHeld)
    : Exception(isHeld ? "Another program has locked the database." : "Too many requests are waiting for the database.")
{
    /// <summary>Whether another program's lock is the reason.</summary>
    public bool IsHeld => isHeld;
}
