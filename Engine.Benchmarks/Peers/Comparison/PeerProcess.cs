using System.Diagnostics;
using System.Globalization;

namespace Engine.Peers;

/// <summary>A process of this program, or of an app of Startup/, that does what it is told on its standard input, a line of answer for a line of command.</summary>
internal sealed class PeerProcess : IDisposable
{
    /// <summary>What weaken-libstdcxx.sh leaves beside libtorch where libstdc++ is old.</summary>
    public const string Preload = "libios_base_init.so";

    private readonly Process process;
    private readonly string what;

    /// <param name="arguments">This program's.</param>
    /// <param name="environment">Variables to add.</param>
    public PeerProcess(string[] arguments, IEnumerable<(string Name, string Value)> environment)
        : this(string.Join(' ', arguments), AppContext.BaseDirectory, [Environment.ProcessPath!, typeof(PeerProcess).Assembly.Location, .. arguments], environment)
    {
    }

    /// <param name="what">For errors.</param>
    /// <param name="folder">Of the program.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">Variables to add.</param>
    public PeerProcess(string what, string folder, string[] command, IEnumerable<(string Name, string Value)> environment)
    {
        this.what = what;
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        string preload = Path.Combine(folder, Preload);
        if (File.Exists(preload)) start.Environment["LD_PRELOAD"] = preload;
        process = Process.Start(start)!;
    }

    /// <summary>A workload in a setting, warmed up.</summary>
    public static PeerProcess Of(Workload workload, Setting setting, TimeSpan warmUp)
        => new(["worker", workload.Name, setting.Library, setting.Threads.ToString(CultureInfo.InvariantCulture), warmUp.TotalSeconds.ToString(CultureInfo.InvariantCulture)], setting.Environment);

    /// <summary>Waits for a line.</summary>
    /// <exception cref="PeerException">The process ended.</exception>
    public string Answer() => process.StandardOutput.ReadLine() ?? throw new PeerException($"The process '{what}' ended before it answered. What it wrote stands above.");

    /// <summary>Gives a command and waits for its line.</summary>
    /// <exception cref="PeerException">The process ended.</exception>
    public string Ask(string command)
    {
        try
        {
            process.StandardInput.WriteLine(command);
            process.StandardInput.Flush();
        }
        catch (IOException e)
        {
            throw new PeerException($"The process '{what}' ended. What it wrote stands above.", e);
        }
        return Answer();
    }

    /// <summary>The median seconds of a turn; afterwards the process sleeps.</summary>
    public double Turn(TimeSpan atLeast)
    {
        double seconds = double.Parse(Ask(atLeast.TotalSeconds.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
        Settle();
        return seconds;
    }

    /// <summary>Waits until its threads have stopped looking for work, at most two seconds.</summary>
    public void Settle()
    {
        for (var (watch, last) = (Stopwatch.StartNew(), TimeSpan.MinValue); watch.Elapsed.TotalSeconds < 2;)
        {
            process.Refresh();
            var now = process.TotalProcessorTime;
            if (now == last) return;
            last = now;
            Thread.Sleep(25);                                       // above two ticks of Linux' clock
        }
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(5000)) process.Kill();
        process.Dispose();
    }
}

/// <summary>A process of a library did not do its work.</summary>
internal sealed class PeerException(string message, Exception? inner = null) : Exception(message, inner);
