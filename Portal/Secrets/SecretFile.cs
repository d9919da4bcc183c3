namespace Portal.Secrets;

/// <summary>A file with one secret in its first line, such as a systemd credential or a container secret.</summary>
internal static class SecretFile
{
    private const int LongestFile = 64 * 1024;

    /// <summary>Reads the first line.</summary>
    /// <param name="setting">The setting or option that names the file.</param>
    /// <exception cref="SecretException">There is none; the message says what to do.</exception>
    public static string Read(string path, string setting)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LongestFile })
                throw new SecretException($"The file {path} in {setting} is too large. Put the secret into its first line.");
            using var file = File.OpenText(path);
            return file.ReadLine() is { Length: > 0 } secret
                ? secret
                : throw new SecretException($"The file {path} in {setting} is empty. Put the secret into its first line.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SecretException($"The file in {setting} cannot be read ({exception.Message.TrimEnd('.')}). Give this user read access to it, or correct its path.");
        }
    }
}
