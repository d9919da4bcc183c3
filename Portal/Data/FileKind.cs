using System.Runtime.InteropServices;

namespace Portal.Data;

/// <summary>Distinguishes regular files from anything else a path can lead to, without opening it: opening a FIFO waits for its other end.</summary>
internal static class FileKind
{
    // Linux: statx(2), whose structure is the same on every architecture, and inode(7).
    private const int WorkingDirectory = -100, ModeOffset = 28, StructureSize = 256;
    private const uint AskType = 1;
    private const int TypeMask = 0xF000, Regular = 0x8000;

    /// <returns>Whether the path, with links resolved, is something other than a regular file. Outside Linux, only directories are
    /// recognized.</returns>
    public static bool IsOther(string path)
    {
        if (Directory.Exists(path))
            return true;
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            var structure = new byte[StructureSize];
            return Statx(WorkingDirectory, path, 0, AskType, structure) == 0
                && (MemoryMarshal.Read<ushort>(structure.AsSpan(ModeOffset)) & TypeMask) != Regular;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "statx", BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] structure);
}
