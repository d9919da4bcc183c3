using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Hosting;

namespace Portal.Commands.Backups;

/// <summary>Decrypts and checks backups.</summary>
internal static class BackupReader
{
    /// <summary>Decrypts a backup into a temporary folder, checks everything, and removes the folder.</summary>
    /// <exception cref="BackupException">The backup can't be used; the message says what to do.</exception>
    public static async Task<BackupSummary> VerifyAsync(string file, string passphrase, KeyRingSecrets? secrets = null, CancellationToken cancellation = default)
    {
        var folder = Directory.CreateTempSubdirectory("portal-verify-").FullName;
        try
        {
            return await ExtractAsync(file, passphrase, folder, secrets, cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Decrypts a backup into an empty folder and checks everything.</summary>
    /// <exception cref="BackupException">The backup can't be used; the message says what to do. The folder then has part of it.</exception>
    public static async Task<BackupSummary> ExtractAsync(string file, string passphrase, string folder, KeyRingSecrets? secrets = null, CancellationToken cancellation = default)
    {
        var manifest = await Task.Run(() => Decrypt(file, passphrase, folder, cancellation), cancellation);
        var (database, keys) = (Path.Combine(folder, BackupArchive.Database), Path.Combine(folder, BackupArchive.Keys));
        if (!File.Exists(database))
            throw Faulty(file, "It has no database");
        if (DatabaseFile.FindDamage(database) is { } damage)
            throw Faulty(file, $"Its database is damaged: {damage}");
        if (await DatabaseFile.FindObstacleAsync(database) is { } obstacle)
            throw new BackupException(obstacle.Replace(database, $"in {file}", StringComparison.Ordinal));
        var ring = Directory.GetFiles(keys, "key-*.xml");
        foreach (var key in ring)
            if (!IsXml(key))
                throw Faulty(file, $"The key ring's file {Path.GetFileName(key)} is damaged");
        secrets ??= KeyRingSecrets.None;
        var isEncrypted = KeyRingEncryption.AnyEncrypted(ring);
        var content = DatabaseFile.Describe(database);
        return new BackupSummary(
            file, manifest.CreatedAt, manifest.Version, content.Migration, new FileInfo(database).Length, content.Tokens, content.Users, content.AuditEntries,
            ring.Length, Directory.GetFiles(keys, "assertion-*.key").Length, isEncrypted,
            content.KeyRingProof is not { } proof ? true : isEncrypted && !secrets.FitAll(ring) ? null : Fits(keys, proof, secrets));
    }

    private static BackupManifest Decrypt(string file, string passphrase, string folder, CancellationToken cancellation)
    {
        if (FileKind.IsOther(file) || !File.Exists(file))
            throw new BackupException($"There is no backup {file}. Check the path.");
        using var backup = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: BackupChunk.Length);
        using var key = BackupKey.Read(backup, file, passphrase);
        using var decrypting = new DecryptingStream(backup, key, file, cancellation);
        try
        {
            return BackupArchive.Extract(decrypting, folder);
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or EndOfStreamException or System.Text.Json.JsonException)
        {
            throw Faulty(file, exception.Message.TrimEnd('.'));
        }
    }

    private static BackupException Faulty(string file, string fault) => new($"The backup {file} can't be used. {fault}. Use another backup.");

    private static bool IsXml(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            XDocument.Load(file);
            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    /// <summary>Whether the key ring has encrypted the proof that the database contains.</summary>
    private static bool Fits(string keys, byte[] proof, KeyRingSecrets secrets)
    {
        try
        {
            DataProtectionProvider.Create(new DirectoryInfo(keys), ring => ring.UsePortal(secrets).DisableAutomaticKeyGeneration())
                .CreateProtector(KeyRingCheck.Purpose).Unprotect(proof);
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or InvalidOperationException)
        {
            return false;
        }
    }
}
