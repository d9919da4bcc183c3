using Portal.Localization;

namespace Portal.Data;

/// <summary>The reason why the database can't be used at present, and what an operator can do about it.</summary>
/// <param name="What">The first part of an English sentence, for programs and the log.</param>
/// <param name="Remedy">The second part of the sentence.</param>
/// <param name="RetryAfter">The number of seconds after which to try again.</param>
public sealed record DatabaseFault(string What, string Remedy, int RetryAfter)
{
    /// <summary>Another program has locked it.</summary>
    public static readonly DatabaseFault Held = new("Another program has locked Portal's database", "Stop it on the server", 10);

    /// <summary>Too many requests are waiting for it.</summary>
    public static readonly DatabaseFault Overloaded = new("Too many requests are waiting for Portal's database", "Wait a moment", 5);

    /// <summary>The disk has no space left.</summary>
    public static readonly DatabaseFault Full = new("The disk that holds Portal's database is full", "Free some space on the server", 60);

    /// <summary>The file is not writable.</summary>
    public static readonly DatabaseFault ReadOnly = new("Portal is not allowed to write to its database", "Give it write access on the server", 60);

    /// <summary>The disk fails.</summary>
    public static readonly DatabaseFault Unreadable = new("Portal's database cannot be read or written", "Check the server's disk", 60);

    /// <summary>The server doesn't answer.</summary>
    public static readonly DatabaseFault Unreachable = new("Portal cannot reach its database server", "Start it, or check the network", 5);

    /// <summary>The server has no free connection.</summary>
    public static readonly DatabaseFault NoConnection = new("Portal's database server has no free connection", "Raise its max_connections or the connection limits of its role and database, or lower Maximum Pool Size in the connection string", 5);

    /// <summary>The server refuses the connection string.</summary>
    public static readonly DatabaseFault Rejected = new("Portal's database server refuses its user, password or database", "Correct the connection string, or the server's settings", 60);

    /// <summary>The server stopped answering while it was told to store a change.</summary>
    public static readonly DatabaseFault Unknown = new("Portal lost its database server while it stored the change", "Start it, or check the network", 5);

    /// <summary>Whether there is no connection to a server, so that nothing was read or written.</summary>
    public bool IsWithoutConnection => this == Unreachable || this == NoConnection || this == Rejected;

    /// <summary>Describes the fault in the language of the person whose change couldn't be stored.</summary>
    public string Describe() =>
        this == Held ? Texts.DatabaseFault_Held
        : this == Overloaded ? Texts.DatabaseFault_Crowded
        : this == Full ? Texts.DatabaseFault_Full
        : this == ReadOnly ? Texts.DatabaseFault_ReadOnly
        : this == Unreachable ? Texts.DatabaseFault_Unreachable
        : this == NoConnection ? Texts.DatabaseFault_NoConnection
        : this == Rejected ? Texts.DatabaseFault_Rejected
        : this == Unknown ? Texts.DatabaseFault_Unknown
        : Texts.DatabaseFault_Unreadable;
}

/// <summary>The database server didn't answer in time.</summary>
/// <param name="mayBeStored">Whether a change was about to be stored, so that nobody knows whether it was. Otherwise, nothing was changed.</param>
public sealed class DatabaseSilentException(bool mayBeStored = false) : Exception("The database server didn't answer in time.")
{
    /// <summary>Whether a change was about to be stored.</summary>
    public bool MayBeStored => mayBeStored;
}

/// <summary>A read or a write didn't get its turn in time, or too many are waiting already. Nothing was written.</summary>
/// <param name="isHeld">Whether another program's lock is the reason.</param>
public sealed class DatabaseBusyException(bool isHeld)
    : Exception(isHeld ? "Another program has locked the database." : "Too many requests are waiting for the database.")
{
    /// <summary>Whether another program's lock is the reason.</summary>
    public bool IsHeld => isHeld;
}
