using System.Globalization;
using BenchmarkDotNet.Running;
using Engine.Benchmarks;

// dotnet run -c Release --project Engine.Benchmarks -- peak [device] | peak conv | workers | ladder matmul|conv2d|attention | peers [--quick] [--filter X] [--json FILE] | soak [steps] | loader [blocks of 100 steps] | packed [rounds] | attention [runs] | bert [rounds] | garbage [steps] [models] | bandwidth | generate [rounds] | profile [lstm] [bare] [1] | --filter '*MatMul*' (and BenchmarkDotNet's other options)
switch (args)
{
    case ["peak", "conv"]:
        Conv2dBenchmarks.PrintPeak();
        break;
    case ["peak", ..]:
        MatMulShare.Print(args.ElementAtOrDefault(1));
        break;
    case ["workers"]:
        WorkerLatency.Print();
        break;
    case ["ladder", ..]:
        return LadderTable.Run(args.ElementAtOrDefault(1));
    case ["peers", .. var options]:
        return PeersCommand.Run(options);
    case ["soak", ..]:
        return Soak.Run(steps: Number(1, 10_000), batch: Number(2, 32));
    case ["loader", ..]:
        LoaderShare.Print(blocks: Number(1, 6));
        break;
    case ["packed", ..]:
        PackedShare.Print(rounds: Number(1, 30));
        break;
    case ["generate", ..]:
        GenerateCost.Print(rounds: Number(1, 30));
        break;
    case ["bert", ..]:
        BertShare.Print(rounds: Number(1, 20));
        break;
    case ["garbage", ..]:
        GarbageShare.Print(steps: Number(1, 1000), models: args.Skip(2).ToArray());
        break;
    case ["bandwidth"]:
        foreach (var (where, bytes) in new[] { ("memory", 256L << 20), ("last cache", 12L << 20) })
            Console.WriteLine($"{where}, {bytes >> 20} MB: {MemoryBandwidth.GigaBytes(bytes, 1):F1} GB/s on one thread, {MemoryBandwidth.GigaBytes(bytes, 2):F1} on two");
        break;
    case ["attention", ..]:
        AttentionShare.Print(rounds: Number(1, 30));
        break;
    case ["profile", ..]:
        return StepProfile.Run(lstm: args.Contains("lstm"), scoped: !args.Contains("bare"), batch: args.Contains("1") ? 1 : 32);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}
return 0;

int Number(int at, int otherwise) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;
