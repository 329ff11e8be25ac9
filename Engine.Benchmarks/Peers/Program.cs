using System.Globalization;
using Engine.Peers;

// peers [options]: the comparison, see README.md. worker, train and check are the processes that it starts, and answer on their standard output.
// optimizers: where libtorch's optimizers bring the net of Engine.Tests/Layers/OptimizerPeerTests.cs.
try
{
    switch (args)
    {
        case ["peers", .. var rest]:
            return Comparer.Run(Options.Parse(rest));
        case ["worker", var name, var library, var threads, var seconds]:
            Worker.Serve(All.Workloads.Single(w => w.Name == name), new Setting(library, int.Parse(threads, CultureInfo.InvariantCulture)), TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
            return 0;
        case ["train", var name, var library, var threads]:
            Footprint.Train(All.Workloads.Single(w => w.Name == name), new Setting(library, int.Parse(threads, CultureInfo.InvariantCulture)));
            return 0;
        case ["check", var threads]:
            Agreement.Serve(int.Parse(threads, CultureInfo.InvariantCulture));
            return 0;
        case ["optimizers"]:
            OptimizerPaths.Print();
            return 0;
        default:
            throw new UsageException($"Peers {Options.Usage} | optimizers");
    }
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (Exception e) when (e is PeerException or MismatchException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
