using System.Diagnostics;
using System.Globalization;

namespace Engine.Peers;

/// <summary>The most memory that this process has had resident.</summary>
internal static class PeakMemory
{
    private const string Line = "VmHWM:";

    /// <summary>Bytes; on Linux what /proc/self/status says, in kibibytes, for .NET knows the peak of the moment alone there.</summary>
    public static long Bytes()
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Line, StringComparison.Ordinal));
        return 1024 * long.Parse(line[Line.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
