using System.Diagnostics;
using System.Runtime.CompilerServices;
using Engine.Kernels;

namespace Engine.Benchmarks;

/// <summary>Ten thousand steps by hand, with no scope and no Dispose: the memory taken stays where it was.</summary>
public static class Soak
{
    // Else the runtime compiles this very loop anew at its ten-thousandth turn, and takes 5 MB for that.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Run(int steps, int batch)
    {
        var step = ArticleStep.Cnn(Device.Cpu, batch);
        var process = Process.GetCurrentProcess();
        var watch = Stopwatch.StartNew();
        Console.WriteLine($"{"step",8} {"loss",10} {"resident MB",12} {"reserved MB",12} {"ms/step",9}");
        int every = Math.Max(1, steps / 10);
        for (int i = 1; i <= steps; i++)
        {
            double loss = step.Bare();
            if (i % every != 0) continue;
            process.Refresh();
            Console.WriteLine($"{i,8} {loss,10:F6} {process.WorkingSet64 / 1e6,12:F1} {Device.Cpu.BytesReserved / 1e6,12:F1} {watch.Elapsed.TotalMilliseconds / every,9:F2}");
            watch.Restart();
        }
        return 0;
    }
}
