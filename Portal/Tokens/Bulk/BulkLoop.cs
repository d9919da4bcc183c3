using Portal.Access;
using Portal.Data.Nodes;

namespace Portal.Tokens.Bulk;

/// <summary>Changes many items one after the other. An item that fails doesn't affect the others. The API and the pages use it. When it returns, all
/// changes are in force on all nodes.</summary>
public static class BulkLoop
{
    /// <param name="change">Changes one item, in its own transaction.</param>
    /// <param name="failed">Called with the exception if an item fails. Returns whether to continue with the next item.</param>
    /// <param name="stop">Checked before each item. The current item is always completed.</param>
    /// <returns>Whether every item had its turn.</returns>
    /// <exception cref="AccessDeniedException">The actor may no longer change items.</exception>
    /// <exception cref="SessionEndedException">The session of the actor has ended.</exception>
    public static async Task<bool> ForEachAsync<T>(
        IEnumerable<T> items, Func<T, Task> change, Func<T, Exception, bool> failed, CancellationToken stop)
    {
        await using var postponed = ChangeConfirmation.Postpone();
        foreach (var item in items)
        {
            if (stop.IsCancellationRequested)
                return false;
            try
            {
                await change(item);
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or AccessDeniedException or SessionEndedException or ProofNeededException))
            {
                if (!failed(item, exception))
                    return false;
            }
        }

        return true;
    }
}
