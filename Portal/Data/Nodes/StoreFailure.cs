namespace Portal.Data.Nodes;

/// <summary>Why a statement failed, for the log: without a stack trace if an operator can do something about it.</summary>
/// <param name="Reason">The beginning of a sentence.</param>
/// <param name="Unexpected">Null for a known fault of the database.</param>
internal readonly record struct StoreFailure(string Reason, Exception? Unexpected)
{
    public static StoreFailure Of(Exception exception) =>
        exception is OperationCanceledException ? new StoreFailure(DatabaseFault.Unreachable.What, null)
        : exception is DatabaseUnusableException ? new StoreFailure(exception.Message, null)
        : DatabaseErrors.Find(exception) is { } fault ? new StoreFailure(fault.What, null)
        : new StoreFailure("A statement failed", exception);
}
