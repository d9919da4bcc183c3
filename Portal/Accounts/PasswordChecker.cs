using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>Compares passwords with their hashes on one or two dedicated threads, so that many sign-ins don't block the processors
/// or the thread pool for other requests.</summary>
public sealed class PasswordChecker : IDisposable
{
    /// <summary>Half of the processors, at most two.</summary>
    public static readonly int MostAtOnce = Math.Clamp(Environment.ProcessorCount / 2, 1, 2);

    private static readonly PortalUser Nobody = new() { AccountId = "", DisplayName = "" };

    /// <summary>Prevents additions to the collection after it is completed, which would throw.</summary>
    private readonly Lock _adding = new();
    private readonly BlockingCollection<Check> _waiting;
    private readonly IPasswordHasher<PortalUser> _hasher;
    private readonly Lazy<Thread[]> _threads;

    public PasswordChecker(IPasswordHasher<PortalUser> hasher, IOptions<SignInOptions> options)
    {
        _hasher = hasher;
        _waiting = new BlockingCollection<Check>(options.Value.MaximumWaiting);
        _threads = new Lazy<Thread[]>(() => [.. Enumerable.Range(0, MostAtOnce).Select(_ => StartThread())]);
    }

    /// <summary>Checks a password. The amount of work is the same for every password and account, even if there is no account.</summary>
    /// <param name="user">Null: there is no such account, and every password is wrong.</param>
    /// <returns>Null: too many passwords are already waiting, or Portal is stopping.</returns>
    internal Task<PasswordCheck?> CheckAsync(PortalUser? user, string password, CancellationToken cancellation)
    {
        var check = new Check(user, password, cancellation);
        lock (_adding)
            if (_waiting.IsAddingCompleted || !_waiting.TryAdd(check))
                return Task.FromResult<PasswordCheck?>(null);
        _ = _threads.Value;
        return check.Done.Task;
    }

    public void Dispose()
    {
        lock (_adding)
            _waiting.CompleteAdding();
    }

    private Thread StartThread()
    {
        var thread = new Thread(Work) { IsBackground = true, Name = "Password checks", Priority = ThreadPriority.BelowNormal };
        thread.Start();
        return thread;
    }

    private void Work()
    {
        LowerPriority();
        foreach (var check in _waiting.GetConsumingEnumerable())
        {
            try
            {
                if (check.Cancellation.IsCancellationRequested)
                    check.Done.TrySetCanceled(check.Cancellation);
                else
                    check.Done.TrySetResult(Compare(check.User, check.Password));
            }
            catch (Exception exception)
            {
                check.Done.TrySetException(exception);
            }
        }
    }

    private PasswordCheck Compare(PortalUser? user, string password)
    {
        var hash = user?.PasswordHash ?? PasswordHashCost.UnmatchableHash;
        var result = _hasher.VerifyHashedPassword(user ?? Nobody, hash, password);
        PasswordHashCost.EqualizeCost(hash, password);
        return user is null || result == PasswordVerificationResult.Failed
            ? new PasswordCheck(false, null)
            : new PasswordCheck(true, result == PasswordVerificationResult.SuccessRehashNeeded ? _hasher.HashPassword(user, password) : null);
    }

    /// <summary>Lowers the priority of the current thread. On Linux, .NET doesn't set priorities, but each thread has its own niceness.</summary>
    private static void LowerPriority()
    {
        const int process = 0, thisThread = 0, nice = 5;
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = SetPriority(process, thisThread, nice);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // Continue with normal priority: there are only one or two threads.
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int priority);

    private sealed record Check(PortalUser? User, string Password, CancellationToken Cancellation)
    {
        public TaskCompletionSource<PasswordCheck?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
