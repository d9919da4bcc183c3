using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Gateway.Assertions;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway;

/// <summary>Requests pass with a signed assertion, whatever happens to the folder with the keys.</summary>
public sealed class AssertionRenewalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly (string, string) On = (GatewayRun.Agreements + "Assertion", "true");

    [SqliteOnly]
    [Fact]
    public async Task Renew_FolderThatCannotBeWritten_GoesOnWithThePresentKeyAndMakesUpForItLater()
    {
        await using var run = await GatewayRun.StartAsync("http://127.0.0.1:1", On);
        var (keys, folder) = (run.Portal.Services.GetRequiredService<AssertionKeys>(), Path.Combine(run.Portal.Folder, "keys"));
        var first = keys.Current.Id;
        Assert.Equal("Healthy", await run.Portal.Client.GetStringAsync("/health/ready"));
        // A file in place of the folder also stops root.
        Directory.Move(folder, folder + "-away");
        await File.WriteAllTextAsync(folder, "");
        for (var day = 0; day < 40; day++)
        {
            run.Portal.Clock.Skew += TimeSpan.FromHours(23);
            Assert.Equal(first, keys.Current.Id);
            Assert.Equal(first, Assert.Single(keys.Published).Id);
        }

        Assert.Equal(1, Count(run.Portal.Log.Text, "The key that signs assertions could not be renewed"));
        Assert.Equal("Degraded\nThe key that signs assertions cannot be renewed.", await run.Portal.Client.GetStringAsync("/health/ready"));

        File.Delete(folder);
        Directory.Move(folder + "-away", folder);
        run.Portal.Clock.Skew += TimeSpan.FromHours(1);
        Assert.Equal(first, keys.Current.Id);
        Assert.Equal(2, keys.Published.Count);
        Assert.Equal("Healthy", await run.Portal.Client.GetStringAsync("/health/ready"));
        Assert.Equal(1, Count(run.Portal.Log.Text, "The keys that sign assertions can be renewed again"));
        run.Portal.Clock.Skew += AssertionKeys.Overlap;
        Assert.NotEqual(first, keys.Current.Id);
    }

    [Fact]
    public void Current_WhileAnotherRequestRenewsTheKeys_IsThePresentKeyAtOnce()
    {
        using var directory = new TemporaryDirectory();
        using var data = DataDirectory.Open(directory.Path);
        using var protection = new HeldProtection();
        var clock = new FakeTimeProvider();
        var keys = new AssertionKeys(new AssertionKeyStore(new FileKeyStore(data), protection, NullLogger<AssertionKeyStore>.Instance), new MonotonicClock(clock), NullLogger<AssertionKeys>.Instance);
        var first = keys.Current;
        clock.Advance(AssertionKeys.Lifetime);
        protection.Hold();
        var renewing = new Thread(() => _ = keys.Current);
        renewing.Start();
        Assert.True(protection.IsWaiting.Wait(Patience));

        AssertionKey? current = null;
        var asking = new Thread(() => current = keys.Current);
        asking.Start();
        var answered = asking.Join(Patience);
        protection.Release();

        Assert.True(answered, "A request waited for the disk.");
        Assert.Same(first, current);
        Assert.True(renewing.Join(Patience));
        Assert.Equal(2, keys.Published.Count);
    }

    [Fact]
    public void Renew_FailsAgainAndAgain_IsTriedLessAndLessOftenButEveryHour()
    {
        using var directory = new TemporaryDirectory();
        using var data = DataDirectory.Open(directory.Path);
        using var protection = new HeldProtection();
        var clock = new FakeTimeProvider();
        var keys = new AssertionKeys(new AssertionKeyStore(new FileKeyStore(data), protection, NullLogger<AssertionKeyStore>.Instance), new MonotonicClock(clock), NullLogger<AssertionKeys>.Instance);
        var first = keys.Current;
        clock.Advance(AssertionKeys.Lifetime);
        protection.Fails = true;

        List<int> attempts = [];
        for (var minute = 0; minute <= 200; minute++)
        {
            var before = protection.Attempts;
            Assert.Same(first, keys.Current);
            if (protection.Attempts > before)
                attempts.Add(minute);
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([0, 1, 3, 7, 15, 31, 63, 123, 183], attempts);
    }

    [Fact]
    public void Renew_FileOfAnOldKeyCannotBeRemoved_IsToldAndTheNewKeySigns()
    {
        using var directory = new TemporaryDirectory();
        using var data = DataDirectory.Open(directory.Path);
        using var protection = new HeldProtection();
        var (clock, log) = (new FakeTimeProvider(), new LogRecorder());
        using var logging = LoggerFactory.Create(logging => logging.AddProvider(log));
        var keys = new AssertionKeys(new AssertionKeyStore(new FileKeyStore(data), protection, NullLogger<AssertionKeyStore>.Instance), new MonotonicClock(clock), logging.CreateLogger<AssertionKeys>());
        var first = keys.Current;
        clock.Advance(AssertionKeys.Lifetime);
        Assert.Same(first, keys.Current);
        // A folder in place of the file also stops root.
        var file = Directory.GetFiles(data.Keys, $"assertion-{first.Id}*").Single();
        File.Delete(file);
        Directory.CreateDirectory(file);
        for (var hour = 0; hour < 72; hour++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            Assert.NotNull(keys.Current);
        }

        Assert.NotSame(first, keys.Current);
        Assert.Same(keys.Current, Assert.Single(keys.Published));
        Assert.Contains("The key that signs assertions could not be renewed", log.Text, StringComparison.Ordinal);
    }

    /// <summary>An installation without a key, where an upstream gets assertions only later: no request fails.</summary>
    [Fact]
    public async Task Current_NoKeyAndNoFolder_SignsWithOneInMemoryThatIsStoredLater()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        var (keys, folder) = (portal.Services.GetRequiredService<AssertionKeys>(), Path.Combine(portal.Folder, "keys"));
        Directory.Move(folder, folder + "-away");
        await File.WriteAllTextAsync(folder, "");
        var signing = keys.Current;
        Assert.Equal((signing.Id, false), (Assert.Single(keys.Published).Id, signing.IsStored));
        Assert.Contains(folder, Assert.Throws<DataDirectoryException>(keys.EnsureUsable).Message, StringComparison.Ordinal);

        File.Delete(folder);
        Directory.Move(folder + "-away", folder);
        portal.Clock.Skew += TimeSpan.FromHours(1);
        Assert.Equal((signing.Id, true), (keys.Current.Id, keys.Current.IsStored));
        Assert.Single(Directory.GetFiles(folder, "assertion-*"));
    }

    private static int Count(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;

    /// <summary>Doesn't encrypt anything. It can be made to wait or to fail.</summary>
    private sealed class HeldProtection : IDataProtectionProvider, IDataProtector, IDisposable
    {
        private readonly ManualResetEventSlim _open = new(initialState: true);

        public ManualResetEventSlim IsWaiting { get; } = new();

        public void Dispose()
        {
            _open.Dispose();
            IsWaiting.Dispose();
        }

        public bool Fails { get; set; }

        public int Attempts { get; private set; }

        public void Hold() => _open.Reset();

        public void Release() => _open.Set();

        public IDataProtector CreateProtector(string purpose) => this;

        public byte[] Protect(byte[] plaintext)
        {
            Attempts++;
            if (Fails)
                throw new CryptographicException("The keys are lost.");
            if (!_open.IsSet)
                IsWaiting.Set();
            _open.Wait();
            return plaintext;
        }

        public byte[] Unprotect(byte[] protectedData) => protectedData;
    }
}
