using Engine.Kernels;
using ILGPU;

namespace Engine.Tests.Children;

/// <summary>A group's sum, right or wrong in one place: what a checker must tell apart.</summary>
internal static class PlantedFaults
{
    private const int Threads = 16;

    public static int Run(string fault)
    {
        using var device = GpuDevice.OpenCl();
        Console.WriteLine(device);
        View x = new(device.Allocate(DType.Float32, Threads)), y = new(device.Allocate(DType.Float32, 1));
        if (fault != "uninitialized") device.Upload(Enumerable.Repeat(1.0, Threads).ToArray(), x);
        Action<ArrayView<float>, ArrayView<float>, int> kernel = fault == "race" ? RacingKernel : SumKernel;
        device.Launch(kernel, new(1, Threads), device.Array<float>(x), device.Array<float>(y), fault == "out-of-bounds" ? 1000 : 0);
        device.Synchronize();
        var sum = new double[1];
        device.Download(y, sum.AsSpan());
        Console.WriteLine(sum[0]);
        return sum[0] == Threads ? 0 : 1;
    }

    private static void SumKernel(ArrayView<float> x, ArrayView<float> y, int at)
    {
        var shared = SharedMemory.Allocate<float>(Threads);
        int i = Group.IdxX;
        shared[i] = x[i];
        Group.Barrier();
        if (i != 0) return;
        float sum = 0;
        for (int j = 0; j < Threads; j++) sum += shared[j];
        y[at] = sum;
    }

    // The same without its barrier: thread 0 reads what the others may not have written yet.
    private static void RacingKernel(ArrayView<float> x, ArrayView<float> y, int at)
    {
        var shared = SharedMemory.Allocate<float>(Threads);
        int i = Group.IdxX;
        shared[i] = x[i];
        if (i != 0) return;
        float sum = 0;
        for (int j = 0; j < Threads; j++) sum += shared[j];
        y[at] = sum;
    }
}
