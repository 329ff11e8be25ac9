using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Engine.Layers;

namespace Engine.Peers;

/// <summary>An app of Startup/, published.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Folder">All that it needs besides .NET, or all that it needs.</param>
/// <param name="Command">What starts it.</param>
/// <param name="Trains">Whether it can time a step of training.</param>
/// <param name="Set">The instruction set that it was compiled for by name; null for none.</param>
internal sealed record PublishedApp(string Name, string Folder, string[] Command, bool Trains, string? Set = null)
{
    /// <summary>Of all files, as they are.</summary>
    public long Bytes => new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);

    /// <summary>Runs it with arguments: its lines, and the time from its start to the first.</summary>
    /// <exception cref="PeerException">It failed or wrote nothing.</exception>
    public (string[] Lines, TimeSpan First) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Command[0], [.. Command.Skip(1), .. arguments]) { RedirectStandardOutput = true };
        string preload = Path.Combine(Folder, PeerProcess.Preload);
        if (File.Exists(preload)) start.Environment["LD_PRELOAD"] = preload;
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        string? first = process.StandardOutput.ReadLine();
        var elapsed = watch.Elapsed;
        string[] rest = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        if (first is null || process.ExitCode != 0) throw new PeerException($"The app {Name} ended with status {process.ExitCode} and wrote {rest.Length + (first is null ? 0 : 1)} lines. What it said stands above.");
        return ([first, .. rest], elapsed);
    }

    /// <summary>Starts it to train for so long, after which it answers turns.</summary>
    public PeerProcess Train(string weights, TimeSpan warmUp) => new(Name, Folder, [.. Command, weights, warmUp.TotalSeconds.ToString(CultureInfo.InvariantCulture)], []);
}

/// <summary>Publishes the apps of Startup/ into a folder that goes away with this object.</summary>
internal sealed class PublishedApps : IDisposable
{
    /// <summary>The set that NativeAOT takes where none is named.</summary>
    public const string Least = "x86-64";

    private readonly string folder = Directory.CreateTempSubdirectory("peers-").FullName;

    /// <summary>A file with the CNN's weights.</summary>
    public string Weights
    {
        get
        {
            string path = Path.Combine(folder, "cnn.safetensors");
            if (!File.Exists(path)) Models.Filled(Examples.CnnModel.Build(new Core.Rng(1)), Device.Cpu).SaveWeights(path);
            return path;
        }
    }

    /// <summary>The engine's app for .NET's just-in-time compiler, the engine's app compiled by NativeAOT where that works, for the instruction sets that the packages
    /// name, for those that every x64 processor has and for this processor's, and TorchSharp's app.</summary>
    /// <exception cref="PeerException">An app that needs no native compiler was not published.</exception>
    public IReadOnlyList<PublishedApp> Publish()
    {
        string sources = Sources();
        var apps = new List<PublishedApp> { Managed("engine", Path.Combine(sources, "Engine", "EngineStartup.csproj"), "EngineStartup", trains: true) };
        apps.AddRange(NativeSets().Select(set => Native(Path.Combine(sources, "Engine", "EngineStartup.csproj"), set)).OfType<PublishedApp>());
        if (apps.Count == 1) Console.Error.WriteLine("The NativeAOT apps were not built and are left out; on Linux that takes clang and zlib's headers (apt-get install clang zlib1g-dev).");
        var libtorch = Managed("TorchSharp", Path.Combine(sources, "Libtorch", "LibtorchStartup.csproj"), "LibtorchStartup", trains: false);
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, PeerProcess.Preload)) && Start("bash", Path.Combine(sources, "..", "weaken-libstdcxx.sh"), libtorch.Folder) != 0)
            throw new PeerException("TorchSharp's app cannot start with this libstdc++. What the script said stands above.");
        apps.Add(libtorch);
        return apps;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static IEnumerable<string?> NativeSets()
    {
        yield return null;
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) yield break;
        yield return Least;
        if (Vector512.IsHardwareAccelerated) yield return "x86-64-v4";
    }

    private PublishedApp? Native(string project, string? set)
    {
        string output = Path.Combine(folder, set ?? "native");
        string[] named = set is null ? [] : [$"-p:IlcInstructionSet={set}"];
        if (Dotnet(["publish", project, "-c", "Release", "-v", "quiet", "-nologo", "--use-current-runtime", "-p:Native=true", "-o", output, .. named]) != 0) return null;
        return new(set is null ? "engine, NativeAOT" : $"engine, NativeAOT, {set}", output, [Path.Combine(output, OperatingSystem.IsWindows() ? "EngineStartup.exe" : "EngineStartup")], Trains: true, set);
    }

    private PublishedApp Managed(string name, string project, string program, bool trains)
    {
        string output = Path.Combine(folder, program);
        if (Dotnet("publish", project, "-c", "Release", "-v", "quiet", "-nologo", "-o", output) != 0)
            throw new PeerException($"{project} was not published. What dotnet said stands above; without a network, its packages must be in NuGet's cache.");
        return new(name, output, ["dotnet", Path.Combine(output, program + ".dll")], trains);
    }

    private static string Sources()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Path.Combine(at.FullName, "Startup") is var found && File.Exists(Path.Combine(found, "PeakMemory.cs"))) return found;
        throw new PeerException(string.Create(CultureInfo.InvariantCulture, $"There is no Startup folder above {AppContext.BaseDirectory}: start Peers from a checkout of the repository."));
    }

    private static int Dotnet(params string[] arguments) => Start("dotnet", arguments);

    private static int Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) Console.Error.Write(said);
        return process.ExitCode;
    }
}
