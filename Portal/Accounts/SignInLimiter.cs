using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Portal.Addresses;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>Refuses sign-ins after too many failures, before a password is hashed and regardless of whether the account exists.</summary>
/// <remarks>A browser that has signed in to the account before (<see cref="KnownDevices"/>) is counted separately, so that other clients
/// can't lock it out, even from the same address. Each process keeps its failures in memory. Nodes that share a database also count them together
/// there: without it, nobody can sign in anyway.</remarks>
public sealed class SignInLimiter
{
    private const int MostKeys = 50_000;

    private readonly Counter _addresses, _accounts, _devices, _addressesOfAccounts;
    private readonly ISharedFailures? _shared;

    /// <param name="shared">Null: this process is the only one.</param>
    public SignInLimiter(IOptions<SignInOptions> options, TimeProvider clock, ISharedFailures? shared = null)
    {
        var (limits, window) = (options.Value, TimeSpan.FromMinutes(options.Value.WindowMinutes));
        Counter Create(string name, int limit) => new(name, new FailureCounter<UInt128>(clock, limit, window, MostKeys), limit, window);
        _addresses = Create("address", limits.FailuresPerAddress);
        _accounts = Create("account", limits.FailuresPerAccount);
        _devices = Create("own", limits.FailuresPerAddressAndAccount);
        _addressesOfAccounts = Create("address-and-account", limits.FailuresPerAddressAndAccount);
        _shared = shared;
    }

    /// <summary>Identifies an account in memory, in cookies and in the shared counts, whether or not it exists.</summary>
    internal static UInt128 KeyOf(string normalizedEmail) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(normalizedEmail)));

    /// <param name="device">A browser that has signed in to the account before; null: any other browser.</param>
    internal Task<SignInPermit> TryTakeAsync(IPAddress? address, UInt128 account, KnownDevice? device)
    {
        if (device is { } known)
            return TryTakeAsync([new(_devices, known.Nonce)]);
        var origin = OriginOf(address);
        // An address that fails for many accounts says nothing about one of them.
        return TryTakeAsync([new(_addresses, origin) { IsOfManyAccounts = true }, new(_addressesOfAccounts, KeyOf($"{origin}/{account}")), new(_accounts, account)]);
    }

    /// <summary>Counts a sign-in with a passkey. Whose it is, is known only after the check, so nobody's account is limited.</summary>
    /// <param name="device">A browser that has signed in before; null: any other browser.</param>
    internal Task<SignInPermit> TryTakePasskeyAsync(IPAddress? address, KnownDevice? device) =>
        device is { } known ? TryTakeOwnAsync(KeyOf($"passkey/{known.Nonce}")) : TryTakeAsync([new(_addresses, OriginOf(address))]);

    /// <summary>Counts an attempt of a signed-in user to prove who they are. Only their own attempts count.</summary>
    internal Task<SignInPermit> TryTakeProofAsync(string userId) => TryTakeOwnAsync(KeyOf("proof/" + userId));

    /// <summary>Counts a code that is entered after the right password. Someone else who knows the password can't lock out a known browser.</summary>
    internal Task<SignInPermit> TryTakeCodeAsync(string userId, KnownDevice? device) => TryTakeOwnAsync(KeyOf($"code/{userId}/{device?.Nonce}"));

    /// <summary>Counts a request for a link by email, for the client and for the account.</summary>
    internal Task<SignInPermit> TryTakeResetAsync(IPAddress? address, UInt128 account) =>
        TryTakeAsync([new(_devices, KeyOf($"reset-from/{OriginOf(address)}")), new(_devices, KeyOf($"reset/{account}"))], keepsEarlier: true);

    /// <summary>Counts an attempt to enter the setup code. All attempts count for the same key.</summary>
    internal Task<SignInPermit> TryTakeSetupAsync(IPAddress? address) => TryTakeAsync(address, UInt128.Zero, device: null);

    private Task<SignInPermit> TryTakeOwnAsync(UInt128 key) => TryTakeAsync([new(_devices, key)]);

    /// <param name="keepsEarlier">Whether the earlier buckets keep the attempt if a later one is full.</param>
    private async Task<SignInPermit> TryTakeAsync(Bucket[] buckets, bool keepsEarlier = false)
    {
        var taken = new List<Bucket>(buckets.Length);
        var isSharedFull = false;
        foreach (var bucket in buckets)
        {
            var wait = bucket.Counter.Own.TryTake(bucket.Key);
            if (wait is null && await TryTakeSharedAsync(bucket) is { } shared)
            {
                isSharedFull |= shared.IsFull && !bucket.IsOfManyAccounts;
                wait = shared.RetryAfter;
                if (wait is not null)
                    bucket.Counter.Own.GiveBack(bucket.Key);
            }

            if (wait is { } refused)
            {
                if (!keepsEarlier)
                    await GiveBackAsync(taken);
                return SignInPermit.Refused(refused);
            }

            taken.Add(bucket);
        }

        return new SignInPermit(() => GiveBackAsync(taken), () => isSharedFull || taken.Exists(bucket => !bucket.IsOfManyAccounts && bucket.Counter.Own.IsFull(bucket.Key)));
    }

    /// <returns>Null: this process counts alone.</returns>
    private async Task<FailureTake?> TryTakeSharedAsync(Bucket bucket)
    {
        // A flood from many addresses must not fill the database.
        if (_shared is null || bucket.Counter.Own.IsAtCapacity)
            return null;
        try
        {
            return await _shared.TryTakeAsync(bucket.SharedKey, bucket.Counter.Limit, bucket.Counter.Window);
        }
        catch (Exception exception) when (DatabaseErrors.Find(exception) is not null)
        {
            return null;
        }
    }

    private async Task GiveBackAsync(List<Bucket> taken)
    {
        foreach (var bucket in taken)
        {
            bucket.Counter.Own.GiveBack(bucket.Key);
            if (_shared is null)
                continue;
            try
            {
                await _shared.GiveBackAsync(bucket.SharedKey, bucket.Counter.Limit, bucket.Counter.Window);
            }
            catch (Exception exception) when (DatabaseErrors.Find(exception) is not null)
            {
                // The attempt drains like a failure.
            }
        }
    }

    /// <summary>An IPv4 address, or the network of an IPv6 address, because each host can use many IPv6 addresses.</summary>
    private static UInt128 OriginOf(IPAddress? address)
    {
        var number = address is null ? UInt128.Zero : AddressNumber.Of(address);
        return AddressNumber.IsIPv4(number) ? number : number >> 64 << 64;
    }

    private sealed record Counter(string Name, FailureCounter<UInt128> Own, int Limit, TimeSpan Window);

    private sealed record Bucket(Counter Counter, UInt128 Key)
    {
        /// <summary>Whether the failures are of several accounts, so that a full bucket doesn't mean that the account is locked.</summary>
        public bool IsOfManyAccounts { get; init; }

        public UInt128 SharedKey => KeyOf($"{Counter.Name}/{Key}");
    }
}
