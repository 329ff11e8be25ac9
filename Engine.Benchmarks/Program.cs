using BenchmarkDotNet.Running;
using Engine.Benchmarks;

// dotnet run -c Release --project Engine.Benchmarks -- peak | workers | ladder matmul | --filter '*MatMul*' (and BenchmarkDotNet's other options)
switch (args)
{
    case ["peak", ..]:
        FmaPeak.Print();
        break;
    case ["workers"]:
        WorkerLatency.Print();
        break;
    case ["ladder", "matmul"]:
        MatMulLadder.Print();
        break;
    case ["ladder", ..]:
        Console.Error.WriteLine("Ladders: matmul.");
        return 2;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}
return 0;
