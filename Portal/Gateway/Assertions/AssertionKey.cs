using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Portal.Gateway.Assertions;

/// <summary>A pair of keys (P-256) that assertions are signed with. Its id is the thumbprint of the public key (RFC 7638).</summary>
internal sealed class AssertionKey
{
    private readonly ECDsa _pair;

    private AssertionKey(ECDsa pair, DateTime createdAt)
    {
        _pair = pair;
        CreatedAt = createdAt;
        var key = new ECDsaSecurityKey(pair);
        key.KeyId = Id = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        Signing = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256);
        Public = pair.ExportParameters(includePrivateParameters: false).Q;
    }

    public string Id { get; }
    public DateTime CreatedAt { get; }
    public SigningCredentials Signing { get; }
    public ECPoint Public { get; }

    /// <summary>Whether it is stored and survives a restart.</summary>
    public bool IsStored { get; set; }

    public static AssertionKey Create(DateTime now) => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), now);

    /// <summary>The creation time in ticks, followed by the private key (PKCS #8). Encrypt it before storing it.</summary>
    public byte[] Export()
    {
        var pair = _pair.ExportPkcs8PrivateKey();
        var bytes = new byte[sizeof(long) + pair.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, CreatedAt.Ticks);
        pair.CopyTo(bytes, sizeof(long));
        CryptographicOperations.ZeroMemory(pair);
        return bytes;
    }

    /// <exception cref="CryptographicException">The bytes aren't a valid key.</exception>
    public static AssertionKey Import(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= sizeof(long))
            throw new CryptographicException("The key is truncated.");
        var pair = ECDsa.Create();
        pair.ImportPkcs8PrivateKey(bytes[sizeof(long)..], out _);
        return new AssertionKey(pair, new DateTime(BinaryPrimitives.ReadInt64LittleEndian(bytes), DateTimeKind.Utc));
    }
}
