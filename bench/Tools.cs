using Portal.Bench.Parts;

namespace Portal.Bench;

/// <summary>Programs of the system.</summary>
internal static class Tools
{
    private const string Wrk = "wrk";

    /// <summary>Where there may be one that is not for everybody.</summary>
    private static readonly string[] AlsoIn = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <exception cref="BenchException">One is missing.</exception>
    public static void Require(IEnumerable<IPart> parts)
    {
        string[] missing = [.. parts.SelectMany(part => part.Tools).Prepend(Wrk).Distinct().Where(tool => Find(tool) is null)];
        if (missing.Length > 0)
            throw new BenchException($"Missing: {string.Join(", ", missing)}. On Debian and Ubuntu: apt-get install -y wrk nginx-light chromium");
    }

    /// <summary>Null: it is not installed.</summary>
    public static string? Find(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(AlsoIn)
            .Select(folder => Path.Combine(folder, tool))
            .FirstOrDefault(File.Exists);
}
