using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Engine.Benchmarks;

/// <summary>Builds Peers, the comparison with libtorch, which stands outside the solution, and starts it.</summary>
internal static class PeersCommand
{
    /// <param name="options">What follows <c>peers</c>.</param>
    /// <returns>The exit status of the comparison; 1 where it cannot be built.</returns>
    public static int Run(IEnumerable<string> options)
    {
        if (Folder() is not { } folder)
        {
            Console.Error.WriteLine($"There is no Engine.Benchmarks/Peers/Peers.csproj above {AppContext.BaseDirectory}. Run the command from a checkout of the repository.");
            return 1;
        }
        Console.Error.WriteLine("Building Engine.Benchmarks/Peers; the first time NuGet brings TorchSharp-cpu, some hundred megabytes.");
        if (Build(Path.Combine(folder, "Peers.csproj")) != 0)
        {
            Console.Error.WriteLine("Peers was not built. If a package is missing: TorchSharp-cpu and its libtorch must come from nuget.org once, so a network or a filled NuGet cache is needed.");
            return 1;
        }
        string? program = Directory.GetFiles(Path.Combine(folder, "bin", "Release"), "Peers.dll", SearchOption.AllDirectories).MaxBy(File.GetLastWriteTimeUtc);
        if (program is null)
        {
            Console.Error.WriteLine($"The build left no Peers.dll in {folder}/bin/Release.");
            return 1;
        }
        if (OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64
            && Start("bash", Path.Combine(folder, "weaken-libstdcxx.sh"), Path.GetDirectoryName(program)!) != 0) return 1;
        return Start("dotnet", [program, "peers", .. options]);
    }

    private static string? Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "Engine.Benchmarks", "Peers") is var peers && File.Exists(Path.Combine(peers, "Peers.csproj"))) return peers;
        return null;
    }

    /// <summary>What the build says is told where it fails, apart from the comparison's table.</summary>
    private static int Build(string project)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["build", project, "-c", "Release", "-v", "quiet", "-nologo"]) { RedirectStandardOutput = true })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) Console.Error.Write(said);
        return process.ExitCode;
    }

    private static int Start(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
