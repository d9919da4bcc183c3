using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Portal.Addresses;

namespace Portal.Accounts;

/// <summary>Refuses sign-ins after too many failures, before a password is hashed and regardless of whether the account exists.</summary>
/// <remarks>A browser that has signed in to the account before (<see cref="KnownDevices"/>) is counted separately, so that other clients
/// can't lock it out, even from the same address. Failures are kept in memory; a restart clears them.</remarks>
public sealed class SignInLimiter
{
    private const int MostKeys = 50_000;

    private readonly FailureCounter<UInt128> _addresses, _accounts, _devices;
    private readonly FailureCounter<(UInt128 Address, UInt128 Account)> _addressesOfAccounts;

    public SignInLimiter(IOptions<SignInOptions> options, TimeProvider clock)
    {
        var (limits, window) = (options.Value, TimeSpan.FromMinutes(options.Value.WindowMinutes));
        _addresses = new(clock, limits.FailuresPerAddress, window, MostKeys);
        _accounts = new(clock, limits.FailuresPerAccount, window, MostKeys);
        _devices = new(clock, limits.FailuresPerAddressAndAccount, window, MostKeys);
        _addressesOfAccounts = new(clock, limits.FailuresPerAddressAndAccount, window, MostKeys);
    }

    /// <summary>Identifies an account in memory and in cookies, whether or not it exists.</summary>
    internal static UInt128 KeyOf(string normalizedEmail) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(normalizedEmail)));

    /// <param name="device">A browser that has signed in to the account before; null: any other browser.</param>
    internal SignInPermit TryTake(IPAddress? address, UInt128 account, KnownDevice? device)
    {
        if (device is { } known)
            return _devices.TryTake(known.Nonce) is { } wait ? SignInPermit.Refused(wait) : new SignInPermit(() => _devices.GiveBack(known.Nonce), () => _devices.IsFull(known.Nonce));

        var origin = OriginOf(address);
        if (_addresses.TryTake(origin) is { } ofAddress)
            return SignInPermit.Refused(ofAddress);
        if (_addressesOfAccounts.TryTake((origin, account)) is { } ofBoth)
        {
            _addresses.GiveBack(origin);
            return SignInPermit.Refused(ofBoth);
        }

        if (_accounts.TryTake(account) is { } ofAccount)
        {
            _addresses.GiveBack(origin);
            _addressesOfAccounts.GiveBack((origin, account));
            return SignInPermit.Refused(ofAccount);
        }

        return new SignInPermit(
            () =>
            {
                _addresses.GiveBack(origin);
                _addressesOfAccounts.GiveBack((origin, account));
                _accounts.GiveBack(account);
            },
            () => _addressesOfAccounts.IsFull((origin, account)) || _accounts.IsFull(account));
    }

    /// <summary>Counts a sign-in with a passkey. Whose it is, is known only after the check, so nobody's account is limited.</summary>
    /// <param name="device">A browser that has signed in before; null: any other browser.</param>
    internal SignInPermit TryTakePasskey(IPAddress? address, KnownDevice? device)
    {
        if (device is { } known)
            return TryTakeOwn(KeyOf($"passkey/{known.Nonce}"));
        var origin = OriginOf(address);
        return _addresses.TryTake(origin) is { } wait
            ? SignInPermit.Refused(wait)
            : new SignInPermit(() => _addresses.GiveBack(origin), () => _addresses.IsFull(origin));
    }

    /// <summary>Counts an attempt of a signed-in user to prove who they are. Only their own attempts count.</summary>
    internal SignInPermit TryTakeProof(string userId) => TryTakeOwn(KeyOf("proof/" + userId));

    /// <summary>Counts a code that is entered after the right password. Someone else who knows the password can't lock out a known browser.</summary>
    internal SignInPermit TryTakeCode(string userId, KnownDevice? device) =>
        TryTakeOwn(KeyOf($"code/{userId}/{device?.Nonce}"));

    /// <summary>Counts a request for a link by email, for the client and for the account.</summary>
    internal SignInPermit TryTakeReset(IPAddress? address, UInt128 account)
    {
        var ofClient = TryTakeOwn(KeyOf($"reset-from/{OriginOf(address)}"));
        return ofClient.RetryAfter is null ? TryTakeOwn(KeyOf($"reset/{account}")) : ofClient;
    }

    private SignInPermit TryTakeOwn(UInt128 key) => _devices.TryTake(key) is { } wait
        ? SignInPermit.Refused(wait)
        : new SignInPermit(() => _devices.GiveBack(key), () => _devices.IsFull(key));

    /// <summary>Counts an attempt to enter the setup code. All attempts count for the same key.</summary>
    internal SignInPermit TryTakeSetup(IPAddress? address) => TryTake(address, UInt128.Zero, device: null);

    /// <summary>An IPv4 address, or the network of an IPv6 address, because each host can use many IPv6 addresses.</summary>
    private static UInt128 OriginOf(IPAddress? address)
    {
        var number = address is null ? UInt128.Zero : AddressNumber.Of(address);
        return AddressNumber.IsIPv4(number) ? number : number >> 64 << 64;
    }
}

/// <summary>Whether an attempt is allowed.</summary>
internal sealed class SignInPermit(Action giveBack, Func<bool> isLimitReached)
{
    private int _isGivenBack;

    /// <summary>The time until the next attempt is allowed; null: the attempt is allowed.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Whether further attempts will be refused.</summary>
    public bool IsLimitReached => isLimitReached();

    /// <summary>Stops counting the attempt as a failure. A second call does nothing.</summary>
    public void GiveBack()
    {
        if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
            giveBack();
    }

    public static SignInPermit Refused(TimeSpan retryAfter) => new(() => { }, () => true) { RetryAfter = retryAfter };
}
