using System.Globalization;
using Engine.Kernels;

namespace Engine.Peers;

/// <summary>Whether both libraries compute the same.</summary>
internal static class Agreement
{
    /// <summary>For each line of input, a workload's name, does it once in both libraries; writes "agree" and the largest difference, or "differ" and where.</summary>
    public static void Serve(int threads)
    {
        while (Console.ReadLine() is { } name)
        {
            var workload = All.Workloads.Single(w => w.Name == name);
            try
            {
                Console.WriteLine($"agree {Differences.Check(name, Engine(workload, threads), Libtorch(workload, threads), workload.Tolerance).ToString("R", CultureInfo.InvariantCulture)}");
            }
            catch (MismatchException e)
            {
                Console.WriteLine($"differ {e.Message}");
            }
        }
    }

    private static float[][] Engine(Workload workload, int threads)
    {
        using var device = new CpuDevice(threads);
        return workload.Engine(device).Results();
    }

    private static float[][] Libtorch(Workload workload, int threads)
    {
        TorchSharp.torch.set_num_threads(threads);
        float[][] results = workload.Libtorch().Results();
        GC.Collect();                                               // the collector does not see how much libtorch holds
        return results;
    }
}
