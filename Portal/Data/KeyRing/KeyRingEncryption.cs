using System.Security.Cryptography;
using System.Xml.Linq;

namespace Portal.Data.KeyRing;

/// <summary>The encryption of the stored keys of the key ring.</summary>
internal sealed partial class KeyRingEncryption(IKeyStore store, KeyRingSecrets secrets, ILogger<KeyRingEncryption> logger)
{
    private static readonly XNamespace Framework = "http://schemas.asp.net/2015/03/dataProtection";
    private static readonly XName EncryptedSecret = Framework + "encryptedSecret", RequiresEncryption = Framework + "requiresEncryption";
    private const string DecryptorType = "decryptorType";

    /// <summary>What encrypts the key ring; null: nothing does.</summary>
    public string? Encryption => secrets.Current?.Description;

    /// <summary>Encrypts keys that are unencrypted or that a former passphrase or certificate encrypted. Each key is replaced completely or not at
    /// all.</summary>
    /// <exception cref="DataDirectoryException">A key can't be decrypted; the message says what to do. No key was changed.</exception>
    public void Encrypt()
    {
        // Everything is read first: a start that fails must leave all keys as they were.
        var changed = new List<(string Name, XDocument Content)>();
        foreach (var key in store.ReadRing())
        {
            var content = XDocument.Load(new MemoryStream(key.Content), LoadOptions.PreserveWhitespace);
            if (Encrypt(content, key.Name))
                changed.Add((key.Name, content));
        }

        foreach (var (name, content) in changed)
        {
            using var bytes = new MemoryStream();
            content.Save(bytes, SaveOptions.DisableFormatting);
            store.Write(name, bytes.ToArray());
        }

        if (changed.Count > 0)
            LogEncrypted(Encryption!, changed.Count);
    }

    /// <summary>Checks whether all keys can be decrypted. Changes nothing.</summary>
    /// <returns>What to do; null if they can.</returns>
    public string? FindFault()
    {
        try
        {
            foreach (var key in store.ReadRing())
                foreach (var encrypted in EncryptedIn(XDocument.Load(new MemoryStream(key.Content))))
                    Decrypt(encrypted, key.Name);
            return null;
        }
        catch (DataDirectoryException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Whether any key is encrypted with a passphrase or certificate.</summary>
    public static bool AnyEncrypted(IEnumerable<string> paths) => paths.Any(path => EncryptedIn(XDocument.Load(path)).Any());

    /// <returns>Whether anything was changed.</returns>
    private bool Encrypt(XDocument content, string name)
    {
        var isChanged = false;
        foreach (var encrypted in EncryptedIn(content).ToList())
        {
            var plain = Decrypt(encrypted, name);
            if (secrets.Current is null || secrets.Current.Fits(ContentOf(encrypted)))
                continue;
            encrypted.ReplaceWith(Encrypted(plain));
            isChanged = true;
        }

        if (secrets.Current is null)
            return isChanged;
        foreach (var plain in content.Descendants().Where(element => (bool?)element.Attribute(RequiresEncryption) == true).ToList())
        {
            plain.ReplaceWith(Encrypted(plain));
            isChanged = true;
        }

        return isChanged;
    }

    private XElement Encrypted(XElement plain)
    {
        var result = secrets.Current!.Encrypt(plain);
        return new XElement(EncryptedSecret, new XAttribute(DecryptorType, result.DecryptorType.AssemblyQualifiedName!), result.EncryptedElement);
    }

    private XElement Decrypt(XElement encrypted, string name)
    {
        var content = ContentOf(encrypted);
        try
        {
            if (secrets.Find(content) is { } secret)
                return secret.Decrypt(content);
        }
        catch (CryptographicException)
        {
            throw new DataDirectoryException($"The key {name} in {store.Location} is damaged: restore it from the backup, or {store.RemovalAdvice(name)}; keys that were encrypted with it can then no longer be viewed.");
        }

        throw new DataDirectoryException(secrets.Current is null
            ? $"The key ring in {store.Location} is encrypted, but {KeyRingOptions.Section} has no passphrase or certificate. Set {KeyRingOptions.Section}:PassphraseFile or {KeyRingOptions.Section}:Certificate to the one that encrypted it. If it is lost, {store.RemovalAdvice(null)}: API keys still work then, but can't be viewed, and authenticator apps must be set up again."
            : $"The key {name} in {store.Location} was encrypted with another passphrase or certificate than {KeyRingOptions.Section} has. Correct the setting, or add the former one as {KeyRingOptions.Section}:Former:0. If it is lost, {store.RemovalAdvice(null)}: API keys still work then, but can't be viewed, and authenticator apps must be set up again.");
    }

    /// <summary>Other decryptors, such as those of Windows, don't need a passphrase or certificate.</summary>
    internal static IEnumerable<XElement> EncryptedIn(XDocument content) => content.Descendants(EncryptedSecret)
        .Where(element => (string?)element.Attribute(DecryptorType) is { } type
            && type.StartsWith(typeof(KeyRingXmlDecryptor).FullName + ",", StringComparison.Ordinal) && element.Elements().Any());

    private static XElement ContentOf(XElement encrypted) => encrypted.Elements().First();

    [LoggerMessage(Level = LogLevel.Information, Message = "Encrypted the key ring with {Secret}. Changed keys: {Count}")]
    private partial void LogEncrypted(string secret, int count);
}
