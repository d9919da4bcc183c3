using System.Diagnostics;

namespace Portal.Tests.Support;

/// <summary>A folder that is removed after the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("portal-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Removes the data directory of a portal. A page may still be reading: SQLite then creates files again while they are removed.</summary>
    public static async Task DeleteAsync(string path)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Yield())
            try
            {
                Directory.Delete(path, recursive: true);
                return;
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(10))
            {
            }
    }
}
