using System.Runtime.CompilerServices;
using Engine.Kernels;
using Engine.Tests.Conformance;

namespace Engine.Tests.Children;

/// <summary>All garbage is collected within each kernel, and every block that comes back is filled with NaN: what a kernel still reads must
/// not be among it.</summary>
internal static class Collecting
{
    /// <summary>Each case once in quiet and once while collecting: the same bits.</summary>
    public static int Run(string name, string[] cases)
    {
        var device = TestDevices.Get(name);
        if (device is CpuDevice cpu) ProveThatItFinds(cpu);
        int passed = 0, failed = 0, collections = GC.CollectionCount(2);
        foreach (var c in ConformanceTests.Cases.Where(c => cases.Contains(c.Name)))
        {
            try
            {
                var quiet = CaseRuns.Run(c, device);
                device.Within = Collector(device);
                var disturbed = CaseRuns.Run(c, device);
                device.Within = null;
                Assert.That(disturbed.Values, Is.EqualTo(quiet.Values));
                Assert.That(disturbed.Gradients, Is.EqualTo(quiet.Gradients));
                passed++;
            }
            catch (Exception e)
            {
                Console.WriteLine($"FAILED {c.Name} on {device.Name}: {e.Message}");
                failed++;
            }
        }
        Console.WriteLine($"{passed} cases passed and {failed} failed on {device.Name}, with {GC.CollectionCount(2) - collections} collections");
        return passed > 0 && failed == 0 ? 0 : 1;
    }

    private static Action Collector(Device device)
    {
        bool busy = false;
        return () =>
        {
            if (busy) return;                                       // scribbling is a kernel too
            busy = true;
            GC.Collect(2, GCCollectionMode.Forced, blocking: true);
            GC.WaitForPendingFinalizers();
            var scribbled = device.Pool.Idle().ConvertAll(bytes => device.Allocate(DType.UInt8, (int)bytes / (device is ReferenceDevice ? 8 : 1)));
            foreach (var storage in scribbled)
            {
                var nans = new byte[storage.Length];
                nans.AsSpan().Fill(0xFF);
                device.Upload(nans.AsSpan(), new View(storage));
                storage.End("the scribbler");
            }
            busy = false;
        };
    }

    /// <summary>A kernel that lets go of what it reads gets NaN, one that holds on to it the sum.</summary>
    private static void ProveThatItFinds(CpuDevice device)
    {
        device.Within = Collector(device);
        double careful = CarefulSum(device), careless = CarelessSum(device);
        device.Within = null;
        if (careful != 1024 || !double.IsNaN(careless))
            throw new InvalidOperationException($"The planted kernels gave {careful} and {careless}, and should give 1024 and NaN.");
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static double CarefulSum(CpuDevice device)
    {
        var x = Ones(device);
        double sum = Planted(device, x);
        GC.KeepAlive(x);
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static double CarelessSum(CpuDevice device) => Planted(device, Ones(device));

    /// <summary>Reads a pointer, is interrupted as kernels are, and never looks at the storage again.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static unsafe double Planted(CpuDevice device, Storage x)
    {
        float* numbers = (float*)CpuDevice.Start(x);
        int n = x.Length;
        device.Within!();
        double sum = 0;
        for (int i = 0; i < n; i++) sum += numbers[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Storage Ones(CpuDevice device)
    {
        var x = device.Allocate(DType.Float32, 1024);
        device.Upload(Enumerable.Repeat(1.0, x.Length).ToArray().AsSpan(), new View(x));
        return x;
    }
}
