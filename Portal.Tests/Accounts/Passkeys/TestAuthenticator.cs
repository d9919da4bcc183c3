using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portal.Accounts.Passkeys;

namespace Portal.Tests.Accounts.Passkeys;

/// <summary>An authenticator with one passkey (ES256), and a browser that passes its answers on. A test can make both lie.</summary>
internal sealed class TestAuthenticator
{
    private const byte UserPresent = 0x01, UserVerified = 0x04, BackupEligible = 0x08, BackedUp = 0x10, AttestedData = 0x40;

    private static readonly string[] Transports = ["internal"];

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(16);
    private string _userHandle = "";

    public static PasskeySite Site { get; } = new(new Uri("https://portal.example.com/"));

    /// <summary>What the browser writes as the origin of the page.</summary>
    public string Origin { get; set; } = "https://portal.example.com";

    /// <summary>The domain that the authenticator signs.</summary>
    public string Domain { get; set; } = "portal.example.com";

    public uint Counter { get; set; } = 1;

    /// <summary>Whether the person used a fingerprint or PIN.</summary>
    public bool IsVerified { get; set; } = true;

    public bool IsSynced { get; set; }

    public PasskeyAnswer Create(PasskeyRequest request)
    {
        using var options = JsonDocument.Parse(request.Options);
        _userHandle = options.RootElement.GetProperty("user").GetProperty("id").GetString()!;
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        // COSE: EC2, ES256, P-256.
        byte[] publicKey = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!];
        byte[] data = [.. AuthenticatorData(AttestedData), .. new byte[16], 0, (byte)_id.Length, .. _id, .. publicKey];
        byte[] attestation = [0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8, 0x58, (byte)data.Length, .. data];
        return Answer(request, new
        {
            clientDataJSON = Base64Url.EncodeToString(ClientData("webauthn.create", options)), attestationObject = Base64Url.EncodeToString(attestation), transports = Transports,
        });
    }

    /// <param name="alter">Changes the signed data after it was signed.</param>
    public PasskeyAnswer Use(PasskeyRequest request, bool alter = false)
    {
        using var options = JsonDocument.Parse(request.Options);
        Counter++;
        var (clientData, data) = (ClientData("webauthn.get", options), AuthenticatorData(0));
        var signature = _key.SignData([.. data, .. SHA256.HashData(clientData)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        if (alter)
            data[^1]++;
        return Answer(request, new
        {
            clientDataJSON = Base64Url.EncodeToString(clientData), authenticatorData = Base64Url.EncodeToString(data), signature = Base64Url.EncodeToString(signature),
            userHandle = _userHandle,
        });
    }

    private PasskeyAnswer Answer(PasskeyRequest request, object response) => new(
        request.Challenge, JsonSerializer.Serialize(new { id = Base64Url.EncodeToString(_id), type = "public-key", clientExtensionResults = new { }, response }), Site);

    private byte[] ClientData(string type, JsonDocument options) => Encoding.UTF8.GetBytes(
        JsonSerializer.Serialize(new { type, challenge = options.RootElement.GetProperty("challenge").GetString(), origin = Origin, crossOrigin = false }));

    private byte[] AuthenticatorData(byte flags)
    {
        flags |= (byte)(UserPresent | (IsVerified ? UserVerified : 0) | (IsSynced ? BackupEligible | BackedUp : 0));
        byte[] data = [.. SHA256.HashData(Encoding.UTF8.GetBytes(Domain)), flags, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), Counter);
        return data;
    }
}
