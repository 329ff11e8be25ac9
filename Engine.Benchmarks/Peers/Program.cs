using Engine.Peers;

// compare [--rounds N] [cases...]: the tables. The two others are the processes that it starts, and answer on their standard output.
// optimizers: where libtorch's optimizers bring the net of Engine.Tests/Layers/OptimizerPeerTests.cs.
switch (args)
{
    case ["compare", .. var rest]:
        return Driver.Compare(rest);
    case ["engine", var threads]:
        Runner.Serve(new EnginePeer(int.Parse(threads)));
        return 0;
    case ["libtorch", var threads]:
        Runner.Serve(new LibtorchPeer(int.Parse(threads)));
        return 0;
    case ["optimizers"]:
        OptimizerPaths.Print();
        return 0;
    default:
        Console.Error.WriteLine("Peers compare [--rounds N] [cases...] | optimizers");
        return 2;
}
