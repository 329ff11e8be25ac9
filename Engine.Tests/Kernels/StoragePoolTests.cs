using System.Runtime.CompilerServices;
using Engine.Kernels;

namespace Engine.Tests;

public class StoragePoolTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [TestCase(1, 64)]
    [TestCase(64, 64)]
    [TestCase(65, 128)]
    [TestCase(256, 256)]
    [TestCase(257, 320)]
    [TestCase(320, 320)]
    [TestCase(1025, 1280)]
    [TestCase(2048, 2048)]
    [TestCase(2049, 2560)]
    [TestCase((1L << 31) + 1, (1L << 31) + (1L << 29))]
    public void SizeClass_IsAPowerOfTwoInFourSteps(long bytes, long expected)
        => Assert.That(StoragePool.SizeClass(bytes), Is.EqualTo(expected));

    [Test]
    public void SizeClass_HoldsTheBytes_AndWastesAFifthAtMost()
    {
        for (long bytes = 1; bytes < 1L << 40; bytes += 1 + bytes / 7)
        {
            long size = StoragePool.SizeClass(bytes);
            Assert.That(size, Is.GreaterThanOrEqualTo(bytes));
            Assert.That(size % 64, Is.Zero);
            Assert.That(StoragePool.SizeClass(size), Is.EqualTo(size), "a class is its own class");
            if (bytes >= 256) Assert.That(size - bytes, Is.LessThanOrEqualTo(size / 5), $"{bytes}");
        }
    }

    [Test]
    public void Return_LendsTheSameMemoryAgain()
    {
        using var device = new CpuDevice(1);
        var x = device.Allocate(DType.Float32, 100);
        var block = x.Block;
        Assert.That((device.BytesInUse, device.BytesReserved), Is.EqualTo((448L, 448L)));
        x.Release("the test");
        Assert.That((device.BytesInUse, device.BytesReserved), Is.EqualTo((0L, 448L)));
        Assert.That(device.Allocate(DType.UInt8, 390).Block, Is.SameAs(block));
        Assert.That((device.BytesInUse, device.BytesReserved), Is.EqualTo((448L, 448L)));
    }

    [Test]
    public void Trim_GivesIdleMemoryBack_AndLeavesTheRest()
    {
        using var device = new CpuDevice(1);
        Storage idle = device.Allocate(DType.UInt8, 64), used = device.Allocate(DType.UInt8, 128);
        idle.Release("the test");
        device.Trim();
        Assert.That((device.BytesInUse, device.BytesReserved), Is.EqualTo((128L, 128L)));
        Assert.That(used.IsAlive);
    }

    [Test]
    public void LargePieces_AreCutFromBlocks_WhoseRoomServesOtherSizes()
    {
        using var device = new CpuDevice(1);
        var whole = device.Allocate(DType.UInt8, 4_000_000);
        Assert.That(device.BytesInUse, Is.EqualTo(4_001_792), "whole pages");
        whole.Release("the test");
        long reserved = device.BytesReserved;
        Storage small = device.Allocate(DType.UInt8, 300_000), large = device.Allocate(DType.UInt8, 1_500_000);
        Assert.That(device.BytesReserved, Is.EqualTo(reserved));
        Assert.That(device.Pool.Idle().Sum(), Is.EqualTo(reserved - device.BytesInUse));
        small.Release("the test");
        large.Release("the test");
        device.Trim();
        Assert.That((device.BytesInUse, device.BytesReserved), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public void IdleParts_ServeWhatHasTheirSizes()
    {
        using var device = new CpuDevice(1);
        foreach (int bytes in new[] { 1, 1000, 229_376, 229_377, 262_144, 300_000, 1_000_000, 5_000_000 }) device.Allocate(DType.UInt8, bytes).Release("the test");
        Storage[] between = [.. Enumerable.Range(0, 6).Select(i => device.Allocate(DType.UInt8, 400_000 + i * 100_000))];
        for (int i = 0; i < between.Length; i += 2) between[i].Release("the test");
        long reserved = device.BytesReserved;
        var idle = device.Pool.Idle();
        Storage[] all = [.. idle.Select(bytes => device.Allocate(DType.UInt8, (int)bytes))];
        Assert.That((device.BytesReserved, device.Pool.Idle().Count), Is.EqualTo((reserved, 0)));
        foreach (var each in all) each.Release("the test");
        Assert.That(device.Pool.Idle(), Is.EqualTo(idle));
    }

    [Test]
    public void Trim_LeavesABlockOfWhichAPartIsUsed()
    {
        using var device = new CpuDevice(1);
        device.Allocate(DType.UInt8, 1_100_000).Release("the test");
        Storage used = device.Allocate(DType.UInt8, 500_000), idle = device.Allocate(DType.UInt8, 500_000), other = device.Allocate(DType.UInt8, 3 << 20);
        Assert.That(used.Block, Is.SameAs(idle.Block).And.Not.SameAs(other.Block));
        idle.Release("the test");
        other.Release("the test");
        device.Trim();
        Assert.That(device.BytesReserved, Is.EqualTo(used.Block.Bytes));
        used.Release("the test");
        device.Trim();
        Assert.That(device.BytesReserved, Is.Zero);
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void LargePieces_OfOneBlock_HoldTheirOwnNumbers(string name)
    {
        using var device = Fresh(name);
        const int Length = 70_000;
        device.Allocate(DType.Float32, 5 * Length + 5000).Release("the test");
        Storage[] all = [.. Enumerable.Range(0, 5).Select(_ => device.Allocate(DType.Float32, Length))];
        Assert.That(all.Select(x => x.Block).Distinct().Count(), Is.LessThan(all.Length));
        for (int i = 0; i < all.Length; i++) device.Fill(new View(all[i]), i);
        var found = new double[Length];
        for (int i = 0; i < all.Length; i++)
        {
            device.Download(new View(all[i]), found.AsSpan());
            Assert.That(found, Is.All.EqualTo(i));
        }
    }

    [Test]
    public void Budget_HasRoomForWhateverFitsIt_HoweverTheRestLies()
    {
        using var device = new CpuDevice(1);
        device.MemoryBudget = 8 << 20;
        Storage[] all = [.. Enumerable.Range(0, 8).Select(_ => device.Allocate(DType.UInt8, 1 << 20))];
        for (int i = 0; i < all.Length; i += 2) all[i].Release("the test");
        Assert.That(device.Allocate(DType.UInt8, 4 << 20).IsAlive, "every other of eight is idle");
        Assert.That(device.BytesReserved, Is.EqualTo(device.MemoryBudget));
    }

    [Test]
    public void Collection_ReclaimsWhatEverybodyForgot()
    {
        using var device = new CpuDevice(1);
        Forget(device, 10, 1000);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (device.BytesInUse > 0 && clock.Elapsed < Patience)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            device.Allocate(DType.UInt8, 1).Release("the test");       // empties the list that finalizers fill
        }
        Assert.That(device.BytesInUse, Is.Zero);
    }

    [Test]
    public void Loop_ThatForgetsEverything_StaysFlat()
    {
        using var device = new CpuDevice(1);
        for (int step = 0; step < 2000; step++) Forget(device, 1, 1 << 20);
        Assert.That(device.BytesReserved, Is.LessThan(400L << 20), "2 GB went by");
    }

    [Test]
    public void Storage_EndedTwice_ComesBackOnce()
    {
        using var device = new CpuDevice(1);
        var x = device.Allocate(DType.UInt8, 64);
        x.End("first");
        x.End("second");
        Assert.That(device.BytesInUse, Is.Zero);
        Assert.That(() => x.Block, Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("first"));
        Assert.That(device.Allocate(DType.UInt8, 64).Block, Is.Not.SameAs(device.Allocate(DType.UInt8, 64).Block));
    }

    [Test]
    public unsafe void FromMemory_CountsNowhere_AndNeverEntersThePool()
    {
        using var device = new CpuDevice(1);
        byte[] bytes = GC.AllocateArray<byte>(64, pinned: true);
        var x = device.FromMemory(System.Runtime.CompilerServices.Unsafe.AsPointer(ref bytes[0]), DType.UInt8, 64, bytes);
        Assert.That((device.BytesInUse, device.BytesReserved), Is.EqualTo((0L, 0L)));
        x.Release("the test");
        Assert.That((device.BytesInUse, device.BytesReserved), Is.EqualTo((0L, 0L)));
        Assert.That(device.Pool.Idle(), Is.Empty);
        Assert.That(() => x.Block, Throws.TypeOf<ObjectDisposedException>());
    }

    [TestCase(300)]
    [TestCase(300_000)]
    public void Threads_RentAndReturn_WithoutSharingMemoryOrLosingAByte(int most)
    {
        using var device = new CpuDevice(1);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            var held = new List<Storage>();
            for (int i = 0; i < 2000; i++)
            {
                var x = device.Allocate(DType.Int32, 1 + i * 997 % most);
                device.HostSpan<int>(new View(x)).Fill(thread);
                held.Add(x);
                if (held.Count < 10) continue;
                foreach (var each in held)
                {
                    Assert.That(device.HostSpan<int>(new View(each)).ContainsAnyExcept(thread), Is.False, "somebody else wrote here");
                    each.Release("the test");
                }
                held.Clear();
            }
            held.ForEach(x => x.Release("the test"));
        });
        Assert.That(device.BytesInUse, Is.Zero);
        Assert.That(device.Pool.Idle().Sum(), Is.EqualTo(device.BytesReserved));
    }

    [Test]
    public void Budget_ThatIsSetLate_LeavesIdlePartsOfBlocksToUse_AndWhatFollowsItToo()
    {
        using var device = new CpuDevice(1);
        device.Allocate(DType.UInt8, 2 << 20).Release("the test");
        var used = device.Allocate(DType.UInt8, 300_000);
        device.MemoryBudget = 3_000_000;
        var first = device.Allocate(DType.UInt8, 1_500_000);
        Assert.That(first.Block, Is.SameAs(used.Block));
        var second = device.Allocate(DType.UInt8, 700_000);
        var block = second.Block;
        Assert.That(() => device.Allocate(DType.UInt8, 400_000), Throws.TypeOf<DeviceMemoryException>());
        device.MemoryBudget = long.MaxValue;
        second.Release("the test");
        var third = device.Allocate(DType.UInt8, 400_000);
        Assert.That(third.Block, Is.SameAs(block), "a block of one piece is cut when the budget is gone");
        first.Release("the test");
        used.Release("the test");
        device.Trim();
        Assert.That(device.BytesReserved, Is.EqualTo(block.Bytes));
        GC.KeepAlive(third);
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void Budget_NamesTheOpAndTheBytes_AndIsUsableAfterFreeing(string name)
    {
        using var device = Fresh(name);
        int perNumber = device is ReferenceDevice ? 8 : 4;
        long before = device.BytesReserved;
        device.MemoryBudget = before + 1024 * perNumber;
        var kept = device.Allocate(DType.Float32, 512);
        var error = Assert.Throws<DeviceMemoryException>(() => device.Allocate(DType.Float32, 1024, "Conv2d"))!;
        Assert.That((error.Op, error.Bytes, error.Budget), Is.EqualTo(("Conv2d", 1024L * perNumber, device.MemoryBudget)));
        Assert.That(error.BytesInUse, Is.EqualTo(512 * perNumber));
        Assert.That(error.Message, Does.Contain("Conv2d").And.Contain((1024L * perNumber).ToString("N0")).And.Contain("MemoryBudget"));
        kept.Release("the test");
        Assert.That(device.Allocate(DType.Float32, 1024).IsAlive);
        Assert.That(device.BytesReserved, Is.LessThanOrEqualTo(device.MemoryBudget));
    }

    [Test]
    public void Budget_CollectsWhatWasForgotten_BeforeItRefuses()
    {
        using var device = new CpuDevice(1);
        device.MemoryBudget = 1 << 20;
        for (int i = 0; i < 50; i++) Forget(device, 3, 300_000);
        Assert.That(device.BytesReserved, Is.LessThanOrEqualTo(device.MemoryBudget));
    }

    [Test]
    public void Budget_HoldsForThreadsTogether()
    {
        using var device = new CpuDevice(1);
        device.MemoryBudget = 64 * 100;
        int refused = 0;
        var held = new System.Collections.Concurrent.ConcurrentBag<Storage>();
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 20; i++)
            {
                try
                {
                    held.Add(device.Allocate(DType.UInt8, 64));
                }
                catch (DeviceMemoryException)
                {
                    Interlocked.Increment(ref refused);
                }
                Assert.That(device.BytesReserved, Is.LessThanOrEqualTo(device.MemoryBudget));
            }
        });
        Assert.That((held.Count, refused), Is.EqualTo((100, 60)));
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void Budget_MustBePositive(long budget)
        => Assert.That(() => new ReferenceDevice().MemoryBudget = budget, Throws.TypeOf<ArgumentOutOfRangeException>());

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void Allocate_Nothing_IsFine(string name)
    {
        var device = TestDevices.Get(name);
        var none = new View(device.Allocate(DType.Float32, 0));
        device.Upload(ReadOnlySpan<byte>.Empty, none);
        device.Download(none, Span<byte>.Empty);
        device.Upload(ReadOnlySpan<double>.Empty, none);
        device.Download(none, Span<double>.Empty);
        Assert.That(none.Length, Is.Zero);
        Assert.That(() => device.Allocate(DType.Float32, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(Device device, int times, int bytes)
    {
        for (int i = 0; i < times; i++) device.Allocate(DType.UInt8, bytes);
    }

    private static Device Fresh(string name) => name == "cpu" ? new CpuDevice(1) : GpuDevice.Open(name);
}
