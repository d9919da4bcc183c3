using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>Compares passwords with their hashes on threads of its own, one or two at a time, so that a flood of sign-ins takes
/// neither the processors nor the thread pool from other requests.</summary>
public sealed class PasswordChecker : IDisposable
{
    /// <summary>Half of the processors, at most two.</summary>
    public static readonly int MostAtOnce = Math.Clamp(Environment.ProcessorCount / 2, 1, 2);

    private static readonly PortalUser Nobody = new() { AccountId = "", DisplayName = "" };

    /// <summary>Nothing may be added to a collection that is complete.</summary>
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

    /// <summary>Does the same work for every password and every account, also for none.</summary>
    /// <param name="user">Null: there is no such account, and no password is right.</param>
    /// <returns>Null: too many passwords wait already, or Portal stops.</returns>
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
        var hash = user?.PasswordHash ?? PasswordHashCost.HashOfNobody;
        var result = _hasher.VerifyHashedPassword(user ?? Nobody, hash, password);
        PasswordHashCost.MakeUp(hash, password);
        return user is null || result == PasswordVerificationResult.Failed
            ? new PasswordCheck(false, null)
            : new PasswordCheck(true, result == PasswordVerificationResult.SuccessRehashNeeded ? _hasher.HashPassword(user, password) : null);
    }

    /// <summary>.NET sets no priorities on Linux; there, the niceness of a thread is its own.</summary>
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
            // Then it goes without: one or two threads at most.
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
