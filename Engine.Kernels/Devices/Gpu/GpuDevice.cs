using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Engine.Kernels;

/// <summary>A GPU, or what OpenCL offers in its place, through ILGPU. Kernels are enqueued in order and not waited for; reading numbers
/// waits.</summary>
public sealed partial class GpuDevice : Device
{
    private readonly Context context;
    private readonly Accelerator accelerator;
    private readonly KernelLoader loader;
    private readonly Lock gate = new();                             // launching one kernel from two threads crashes on OpenCL
    private readonly bool waitAfterLaunch;

    private GpuDevice(string name, Context context, ILGPU.Runtime.Device device, bool waitAfterLaunch)
        : this(name, context, device.CreateAccelerator(context), waitAfterLaunch) { }

    private GpuDevice(string name, Context context, Accelerator accelerator, bool waitAfterLaunch)
        : base(name, bytes => GpuBlock.Allocate(accelerator, bytes))
    {
        this.context = context;
        this.accelerator = accelerator;
        this.waitAfterLaunch = waitAfterLaunch;
        loader = new KernelLoader(accelerator);
        int limit = accelerator.MaxNumThreadsPerGroup;
        GroupSize = limit >= 256 ? 256 : 1 << System.Numerics.BitOperations.Log2((uint)limit);
        errors = new ErrorWord(accelerator);
    }

    /// <summary>Threads of one group in a launch over a row of numbers: a power of two, at most <see cref="MaxGroupSize"/>.</summary>
    public int GroupSize { get; }

    /// <summary>The most threads that a group of the engine's own kernels has: the size of their shared-memory trees.</summary>
    public const int MaxGroupSize = 256;

    /// <summary>ILGPU's accelerator, for kernels of one's own.</summary>
    public Accelerator Accelerator => accelerator;

    /// <inheritdoc/>
    public override string Description => accelerator.AcceleratorType == AcceleratorType.CPU
        ? "ILGPU's emulator, on the processor"
        : $"{accelerator.Name}, {accelerator.AcceleratorType}, {accelerator.MemorySize >> 20} MiB";

    /// <summary>Told each entry point that is about to be launched; for the tests' coverage.</summary>
    internal Action<System.Reflection.MethodInfo>? Launching
    {
        get => loader.Launching;
        set => loader.Launching = value;
    }

    /// <summary>The CUDA GPU of that index.</summary>
    /// <param name="index">0 for the first one.</param>
    /// <param name="debug">Wait after each kernel, so that an error names the kernel that made it.</param>
    /// <exception cref="DeviceException">There is no such GPU, or no CUDA driver; the message lists the devices that are there.</exception>
    public static GpuDevice Cuda(int index = 0, bool debug = false)
    {
        var context = MakeContext(b => b.Cuda());
        var devices = context.GetCudaDevices();
        if ((uint)index >= (uint)devices.Count) throw Missing($"cuda:{index}", context);
        return new GpuDevice($"cuda:{index}", context, devices[index], debug);
    }

    /// <summary>The OpenCL device of that index.</summary>
    /// <param name="index">0 for the first one.</param>
    /// <param name="debug">Wait after each kernel, so that an error names the kernel that made it.</param>
    /// <exception cref="DeviceException">There is no such device, or no OpenCL loader; the message lists the devices that are there.</exception>
    public static GpuDevice OpenCl(int index = 0, bool debug = false)
    {
        var context = MakeContext(b => b.OpenCL(_ => true));
        var devices = context.GetCLDevices();
        if ((uint)index >= (uint)devices.Count) throw Missing($"opencl:{index}", context);
        OpenClPatches.AllowGenericAddresses(devices[index]);
        return new GpuDevice($"opencl:{index}", context, devices[index], debug);
    }

    /// <summary>ILGPU's emulator: GPU kernels run on the processor, where a debugger can stop in them. Very slow.</summary>
    public static GpuDevice Emulated()
    {
        // 2 threads a warp, 2 warps a group, one multiprocessor: each thread is one of the system's, and they wait for each other often.
        var context = MakeContext(b => b.CPU(new CPUDevice(2, 2, 1)));
        return new GpuDevice("emulated", context, context.GetCPUDevices()[0], waitAfterLaunch: true);
    }

    /// <summary>Every GPU here, by the name that opens it; empty where there is none.</summary>
    public static IReadOnlyList<(string Name, string Description)> List()
    {
        var found = new List<(string, string)>();
        using var context = MakeContext(b => b.Cuda().OpenCL(_ => true));
        int i = 0;
        foreach (var device in context.GetCudaDevices()) found.Add(($"cuda:{i++}", $"{device.Name}, {device.MemorySize >> 20} MiB"));
        i = 0;
        foreach (var device in context.GetCLDevices()) found.Add(($"opencl:{i++}", $"{device.Name}, {device.MemorySize >> 20} MiB"));
        return found;
    }

    /// <summary>Waits until every kernel launched so far is done.</summary>
    /// <exception cref="IndexException">A kernel met an index out of range.</exception>
    public override void Synchronize()
    {
        lock (gate)
        {
            accelerator.Bind();
            accelerator.DefaultStream.Synchronize();
            errors.Raise();
        }
    }

    private static Context MakeContext(Action<Context.Builder> devices)
        => Context.Create(b =>
        {
            devices(b);
            b.EnableAlgorithms().Optimize(OptimizationLevel.O2);
        });

    private static DeviceException Missing(string name, Context context)
    {
        context.Dispose();
        string there = string.Join(", ", List().Select(d => d.Name).Append("cpu").Append("reference").Append("emulated"));
        return new DeviceException($"There is no device {name} here. There are: {there}. Install the GPU's driver (for OpenCL also its ICD loader, libOpenCL.so), or name one of these.");
    }

    private protected override void AfterLaunch(string kernel)
    {
        if (waitAfterLaunch) Synchronize();
    }

    private protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        lock (gate)
        {
            base.Dispose(disposing);
            accelerator.Dispose();
            context.Dispose();
        }
    }

    private sealed class GpuBlock(MemoryBuffer1D<byte, Stride1D.Dense> buffer, long bytes) : Block(bytes)
    {
        public MemoryBuffer1D<byte, Stride1D.Dense> Buffer { get; } = buffer;

        public static GpuBlock Allocate(Accelerator accelerator, long bytes)
        {
            try
            {
                accelerator.Bind();
                return new GpuBlock(accelerator.Allocate1D<byte>(bytes), bytes);
            }
            catch (Exception e) when (e is CudaException or CLException or NotSupportedException or ArgumentOutOfRangeException)
            {
                throw new DeviceException($"{accelerator.Name} did not give {bytes:N0} bytes: {e.Message}", e);
            }
        }

        public override void Free() => Buffer.Dispose();
    }

    /// <summary>A view as a kernel sees it.</summary>
    public ArrayView<T> Array<T>(View view) where T : unmanaged
    {
        if (view.Storage.Device != this) throw new DeviceException($"A kernel of {Name} was given storage of {view.Storage.Device.Name}.");
        return Memory(view.Storage).Cast<T>().SubView(view.Offset, view.Length);
    }

    private ArrayView<float> Floats(View view) => Array<float>(view);

    private ArrayView<int> Ints(View view) => Array<int>(view);

    private ArrayView<byte> Bytes(View view) => Array<byte>(view);

    private ArrayView<byte> Raw(View view)
    {
        int size = view.DType.Size();
        return Memory(view.Storage).SubView((long)view.Offset * size, (long)view.Length * size);
    }

    private static ArrayView<byte> Memory(Storage storage)
    {
        var block = ((GpuBlock)storage.Block).Buffer.View.BaseView;
        return block.SubView(storage.Offset, block.Length - storage.Offset);
    }

    private protected override void UploadCore(ReadOnlySpan<byte> source, View destination)
    {
        lock (gate)
        {
            Raw(destination).CopyFromCPU(Ready(), source);
            accelerator.DefaultStream.Synchronize();
        }
    }

    private protected override void DownloadCore(View source, Span<byte> destination)
    {
        lock (gate)
        {
            Raw(source).CopyToCPU(Ready(), destination);
            accelerator.DefaultStream.Synchronize();
        }
    }
}
