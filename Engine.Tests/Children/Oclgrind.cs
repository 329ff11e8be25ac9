namespace Engine.Tests.Children;

/// <summary>The environment that puts the OpenCL simulator Oclgrind in the place of the drivers here, with its checks on.</summary>
/// <remarks>Source: Price and McIntosh-Smith 2015, "Oclgrind: an extensible OpenCL device simulator", doi:10.1145/2791321.2791333.</remarks>
internal static class Oclgrind
{
    private const string Libraries = "/usr/lib/oclgrind";

    private const string LogName = "oclgrind.log";

    private static string Driver => Path.Combine(Libraries, "liboclgrind-rt-icd.so");

    public static bool IsHere => File.Exists(Driver);

    /// <param name="folder">An empty folder for the driver's entry and the log.</param>
    public static Dictionary<string, string> Environment(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "oclgrind.icd"), Driver + "\n");
        var environment = new Dictionary<string, string>
        {
            ["OCL_ICD_VENDORS"] = folder,
            ["LD_LIBRARY_PATH"] = Libraries,
            ["OCLGRIND_LOG"] = Path.Combine(folder, LogName),
            ["OCLGRIND_DATA_RACES"] = "1",
            ["OCLGRIND_UNINITIALIZED"] = "1",
            ["OCLGRIND_GLOBAL_MEM_SIZE"] = (1L << 30).ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["OCLGRIND_MAX_ERRORS"] = "20",
            // LLVM's optimizer makes an instruction, freeze, that this simulator does not know.
            ["OCLGRIND_BUILD_OPTIONS"] = "-cl-opt-disable",
        };
        // Debian keeps the precompiled headers beside the core library, and Oclgrind looks for them beside its program.
        foreach (string architecture in Directory.GetDirectories("/usr/lib", "*-linux-gnu*"))
            foreach (string header in Glob(Path.Combine(architecture, "oclgrind"), "opencl-c.h"))
                environment["OCLGRIND_PCH_DIR"] = Path.GetDirectoryName(header)!;
        return environment;
    }

    private static string[] Glob(string folder, string name)
        => Directory.Exists(folder) ? Directory.GetFiles(folder, name, SearchOption.AllDirectories) : [];

    /// <summary>What it found so far, in the folder's log.</summary>
    public static string Log(string folder)
    {
        string log = Path.Combine(folder, LogName);
        return File.Exists(log) ? File.ReadAllText(log) : "";
    }

    /// <summary>What it found so far in this process, which runs under it.</summary>
    public static string Log() => Log(Path.GetDirectoryName(System.Environment.GetEnvironmentVariable("OCLGRIND_LOG"))!);
}
