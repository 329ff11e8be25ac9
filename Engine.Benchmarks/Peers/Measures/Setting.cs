namespace Engine.Peers;

/// <summary>A library, and how a process of it is set up.</summary>
/// <param name="Library">engine or libtorch.</param>
/// <param name="Threads">How many it computes on.</param>
/// <param name="Waiting">What libtorch's threads do between two loops; null where it has one thread, or for the engine, whose pool decides that itself.</param>
internal sealed record Setting(string Library, int Threads, Waiting? Waiting = null)
{
    public const string Engine = "engine", Libtorch = "libtorch";

    /// <summary>The engine's: one thread, and all.</summary>
    public static Setting[] EngineSettings(int all) => all == 1 ? [new(Engine, 1)] : [new(Engine, all), new(Engine, 1)];

    /// <summary>Libtorch's: one thread, and all with either way of waiting.</summary>
    public static Setting[] LibtorchSettings(int all)
        => all == 1 ? [new(Libtorch, 1)] : [new(Libtorch, all, Peers.Waiting.Active), new(Libtorch, all, Peers.Waiting.Passive), new(Libtorch, 1)];

    /// <summary>The variables that tell OpenMP how to wait. Libtorch brings GNU's runtime on Linux, and Intel's or LLVM's elsewhere. Active ends after some
    /// 20 ms, longer than any step is without a parallel loop, for it must not take time from the other library's turn.</summary>
    public IEnumerable<(string Name, string Value)> Environment => Waiting switch
    {
        Peers.Waiting.Active => [("OMP_WAIT_POLICY", "ACTIVE"), ("GOMP_SPINCOUNT", "1000000"), ("KMP_BLOCKTIME", "20")],
        Peers.Waiting.Passive => [("OMP_WAIT_POLICY", "PASSIVE"), ("GOMP_SPINCOUNT", "0"), ("KMP_BLOCKTIME", "0")],
        _ => [],
    };

    /// <summary>"2 active", "1".</summary>
    public override string ToString() => Waiting is { } waiting ? $"{Threads} {waiting.ToString().ToLowerInvariant()}" : $"{Threads}";
}

/// <summary>What threads do that have nothing to do.</summary>
internal enum Waiting
{
    /// <summary>Look again and again.</summary>
    Active,

    /// <summary>Sleep.</summary>
    Passive,
}
