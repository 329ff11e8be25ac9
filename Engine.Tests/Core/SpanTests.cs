using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Engine.Core;
using Engine.Kernels;
using Tensor = Engine.Core.Tensor;

namespace Engine.Tests;

/// <summary>An app's own memory in and out.</summary>
public class SpanTests
{
    [Test]
    public unsafe void FromMemory_OnTheProcessor_SharesTheArray()
    {
        float[] numbers = [1, 2, 3, 4, 5, 6];
        var x = Tensor.FromMemory(numbers.AsMemory(), [2, 3]);
        fixed (float* there = numbers)
        {
            nint address = (nint)there;
            x.Read<float>(span => Assert.That((nint)Unsafe.AsPointer(ref Unsafe.AsRef(in span[0])), Is.EqualTo(address)));
        }
        numbers[4] = 50;
        Assert.That((x + 1).ToArray(), Is.EqualTo(new[] { 2f, 3, 4, 5, 51, 7 }));
        int[] classes = [1, 0];
        var indices = Tensor.FromMemory(classes, [2]);
        classes[1] = 2;
        Assert.That(indices.ToArray<int>(), Is.EqualTo(new[] { 1, 2 }));
        byte[] pixels = [7, 8];
        Assert.That(Tensor.FromMemory(pixels, [2]).ToArray<byte>(), Is.EqualTo(pixels));
        Assert.That(Tensor.FromMemory(Array.Empty<float>(), [0, 3]).Shape, Is.EqualTo(new Shape(0, 3)));
    }

    [Test]
    public void FromMemory_OfAPart_BeginsThere()
    {
        float[] numbers = [1, 2, 3, 4, 5, 6];
        Assert.That(Tensor.FromMemory(numbers.AsMemory(1, 3), [3]).ToArray(), Is.EqualTo(new[] { 2f, 3, 4 }));
        Assert.That(() => Tensor.FromMemory(numbers, [2, 2]), Throws.TypeOf<ShapeException>().With.Message.Contains("6 numbers do not fill (2, 2)"));
    }

    [Test]
    public void FromMemory_OnAnotherDevice_IsACopy()
    {
        using var reference = new ReferenceDevice();
        float[] numbers = [1, 2];
        var x = Tensor.FromMemory(numbers, [2], reference);
        numbers[0] = 9;
        Assert.That(x.Device, Is.SameAs(reference));
        Assert.That(x.ToArray(), Is.EqualTo(new[] { 1f, 2 }));
    }

    [Test]
    public void FromMemory_IsOnlyRead()
        => Assert.That(() => InPlace.Copy(Tensor.Ones([2]), Tensor.FromMemory(new float[2], [2])), Throws.InvalidOperationException.With.Message.Contains("only read"));

    [Test]
    public void FromMemory_HoldsTheArrayWhereItLies_WhileATensorLives_AndLetsGoThen()
    {
        var (tensors, arrays) = Make();
        for (int round = 0; round < 3; round++)
        {
            _ = new byte[round * 100_000 + 1];
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        for (int i = 0; i < tensors.Count; i++) Assert.That(tensors[i].ToArray(), Is.All.EqualTo((float)i));
        Assert.That(arrays.All(a => a.IsAlive));
        tensors.Clear();
        for (int round = 0; round < 20 && arrays.Any(a => a.IsAlive); round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.That(arrays.Any(a => a.IsAlive), Is.False, "an array is still pinned");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (List<Tensor>, List<WeakReference>) Make()
        {
            List<Tensor> tensors = [];
            List<WeakReference> arrays = [];
            for (int i = 0; i < 100; i++)
            {
                float[] array = new float[50];
                array.AsSpan().Fill(i);
                tensors.Add(Tensor.FromMemory(array, [5, 10]));
                arrays.Add(new WeakReference(array));
            }
            return (tensors, arrays);
        }
    }

    [Test]
    public void Read_HoldsTheNumbers_WhileTheFunctionRuns()
    {
        for (int round = 0; round < 50; round++)
        {
            int count = Fresh(round).Read<float, int>(span =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                for (int i = 0; i < 4; i++) _ = Tensor.Full([1000], -1).Count;
                int right = 0;
                foreach (float v in span) right += v == round ? 1 : 0;
                return right;
            });
            Assert.That(count, Is.EqualTo(1000));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Tensor Fresh(int round) => Tensor.Full([1000], round);
    }

    [Test]
    public void Read_OfWhatItCannot_IsATypedError()
    {
        var x = Tensor.From([1f, 2f], [2]);
        Assert.That(() => x.Read<int>(_ => { }), Throws.TypeOf<DTypeException>().With.Message.Contains("Float32"));
        Assert.That(() => x.Read<double>(_ => { }), Throws.TypeOf<DTypeException>());
        using var reference = new ReferenceDevice();
        Assert.That(x.To(reference).Read<double, double>(span => span[1]), Is.EqualTo(2));
        using var gpu = GpuDevice.Emulated();
        var there = x.To(gpu);
        Assert.That(() => there.Read<float>(_ => { }), Throws.TypeOf<DeviceException>().With.Message.Contains("ToArray()"));
        Assert.That(() => there.ReadTensorSpan<float>(_ => { }), Throws.TypeOf<DeviceException>());
    }

    [Test]
    public void TensorSpans_GoInAndOut_AtAnyStrides()
    {
        float[] numbers = [.. Enumerable.Range(0, 12).Select(i => (float)i)];
        var all = new TensorSpan<float>(numbers, [3, 4]);
        Assert.That(Tensor.From(all).Shape, Is.EqualTo(new Shape(3, 4)));
        Assert.That(Tensor.From(all).ToArray(), Is.EqualTo(numbers));
        var part = all[1..3, 1..3];
        var x = Tensor.From(part);
        Assert.That(x.Shape, Is.EqualTo(new Shape(2, 2)));
        Assert.That(x.ToArray(), Is.EqualTo(new[] { 5f, 6, 9, 10 }));
        using var reference = new ReferenceDevice();
        Assert.That(Tensor.From(part, reference).ToArray(), Is.EqualTo(x.ToArray()));
        foreach (var y in new[] { x * -1, (x * -1).To(reference) })
        {
            y.CopyTo(all[0..2, 2..4]);
            Assert.That(numbers, Is.EqualTo(new[] { 0f, 1, -5, -6, 4, 5, -9, -10, 8, 9, 10, 11 }));
        }
        x.ReadTensorSpan<float>(span =>
        {
            Assert.That(span.Lengths.ToArray(), Is.EqualTo(new nint[] { 2, 2 }));
            Assert.That(span[1, 0], Is.EqualTo(9));
        });
        Tensor.Scalar(3).ReadTensorSpan<float>(span => Assert.That(span[0], Is.EqualTo(3)));
        var wrong = new float[4];
        Assert.That(() => x.CopyTo(new TensorSpan<float>(wrong, [4])), Throws.TypeOf<ShapeException>().With.Message.Contains("(4)"));
        Assert.That(() => Tensor.From([1, 2, 3, 4], [2, 2]).CopyTo(new TensorSpan<float>(wrong, [2, 2])), Throws.TypeOf<DTypeException>());
        x.CopyTo<float>(wrong);
        Assert.That(wrong, Is.EqualTo(new[] { 5f, 6, 9, 10 }));
    }
}
