namespace Engine.Kernels;

/// <summary>What is done with one number of the list and the place that its index names, written once for processors and GPUs.</summary>
internal interface IMove<T> where T : unmanaged
{
    /// <summary>Whether places change: then one thread has all indices of a place.</summary>
    static abstract bool WritesPlaces { get; }

    /// <summary>Whether the indices of a line are walked from the last to the first.</summary>
    static abstract bool Reversed { get; }

    static abstract void Move(ref T listed, ref T place);
}

/// <summary>The place is read.</summary>
internal readonly struct Fetch<T> : IMove<T> where T : unmanaged
{
    public static bool WritesPlaces => false;

    public static bool Reversed => false;

    public static void Move(ref T listed, ref T place) => listed = place;
}

/// <summary>The place is overwritten.</summary>
internal readonly struct Put<T> : IMove<T> where T : unmanaged
{
    public static bool WritesPlaces => true;

    public static bool Reversed => false;

    public static void Move(ref T listed, ref T place) => place = listed;
}

/// <summary>The place grows.</summary>
internal readonly struct AddTo : IMove<float>
{
    public static bool WritesPlaces => true;

    public static bool Reversed => false;

    public static void Move(ref float listed, ref float place) => place += listed;
}

/// <summary>The last index of a place takes what is there, and leaves 0 for those before it.</summary>
internal readonly struct TakeAway : IMove<float>
{
    public static bool WritesPlaces => true;

    public static bool Reversed => true;

    public static void Move(ref float listed, ref float place)
    {
        listed = place;
        place = 0f;
    }
}
