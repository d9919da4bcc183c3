namespace Portal.Data;

/// <summary>The kinds of failures that every database has.</summary>
internal enum DatabaseFailure
{
    /// <summary>A row with the same unique value exists.</summary>
    Duplicate,

    /// <summary>The parent row doesn't exist.</summary>
    Orphan,

    /// <summary>Another program holds the lock.</summary>
    Locked,

    /// <summary>The file is not writable.</summary>
    ReadOnly,

    /// <summary>The disk failed.</summary>
    InputOutput,

    CannotOpen,

    /// <summary>The server doesn't answer.</summary>
    Unreachable,

    /// <summary>The server, or the role of the connection string, has no free connection.</summary>
    NoConnection,

    /// <summary>The server refuses the user, the password or the database of the connection string.</summary>
    Rejected,

    /// <summary>The disk has no space left.</summary>
    Full,

    /// <summary>The file isn't an intact database.</summary>
    Damaged,

    Other,
}
