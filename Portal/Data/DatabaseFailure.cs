namespace Portal.Data;

/// <summary>Kinds of failures that every database has.</summary>
internal enum DatabaseFailure
{
    /// <summary>A row with the same unique value exists.</summary>
    Duplicate,

    /// <summary>The row that this one belongs to does not exist.</summary>
    Orphan,

    /// <summary>Another program holds the lock.</summary>
    Locked,

    /// <summary>The file is not writable.</summary>
    ReadOnly,

    /// <summary>The disk failed.</summary>
    InputOutput,

    CannotOpen,

    /// <summary>The disk has no space left.</summary>
    Full,

    /// <summary>The file is no intact database.</summary>
    Damaged,

    Other,
}
